// A vault that lies. Each test changes what the real server answered, as anybody on it could, and wants the lie refused with the
// code that says what it is; afterwards nothing has been shared or changed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apply } from "../../src/core/application.ts";
import { enrol } from "../../src/core/enrol.ts";
import { codeOf, Failure } from "../../src/core/failure.ts";
import { feed } from "../../src/core/feed.ts";
import { give, listGrants, narrow, revoke } from "../../src/core/grants.ts";
import { head } from "../../src/core/history.ts";
import { inbox, openGranted } from "../../src/core/inbox.ts";
import { researcher } from "../../src/core/readers.ts";
import { accredit, roster } from "../../src/core/stewards.ts";
import { createTestimony, listTestimonies, openOwnPart, setCard, showTestimony } from "../../src/core/testimonies.ts";
import { withdraw } from "../../src/core/withdrawals.ts";
import { aSteward, somebody, written, type Somebody } from "../somebody.ts";
import { garbling, tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";
import { secretOf } from "./secrets.ts";

type Json = Record<string, unknown>;
const rows = (answer: Json, name: string) => answer[name] as Json[];

let w: World;
let her: Somebody;
let other: Somebody;
let reader: Somebody;
let stranger: Somebody; // another accredited reader
let testimony: string;
let grant: string;

before(async () => {
  w = await world();
  [her, other, reader, stranger] = [somebody(w), somebody(w), somebody(w), somebody(w)];
  const steward = aSteward(w, await secretOf(w.steward.words()));
  await enrol(steward.c, "steward");
  for (const who of [her, other]) await enrol(who.c, "participant");
  for (const who of [reader, stranger]) {
    await enrol(who.c, "researcher");
    await apply(who.c, "Somebody", "Somewhere", "to listen");
    await accredit(steward.c, who.c.account, 30);
  }
  const parts = [written("the first"), written("the second")];
  ({ testimony } = await createTestimony(her.c, { title: "hers", language: "en", warnings: [], parts }));
  await createTestimony(other.c, { title: "another's", language: "en", warnings: [], parts });
  ({ grant } = await give(her.c, { testimony, parts: [1], to: reader.c.account, terms: {} }));
});
after(() => w.stop());

/** code is with what a client of hers refuses an act on a tampered line. */
async function code(fetch: typeof globalThis.fetch, act: (c: Somebody["c"]) => Promise<unknown>, who = her): Promise<string> {
  return act(who.anew({ fetch })).then(() => "believed", codeOf);
}

test("a chain with a hole, a swapped, repeated or foreign statement, or another end is refused", async () => {
  const foreign = (await chainOf(other))[0] ?? {};
  const lies: Record<string, (answer: Json) => void> = {
    "one withheld": (a) => void rows(a, "statements").splice(1, 1),
    "one named as erased": (a) => void Object.assign(rows(a, "statements")[2] ?? {}, { statement: undefined, testimony }),
    "one not named": (a) => void Object.assign(rows(a, "statements")[2] ?? {}, { statement: undefined }),
    "two swapped": (a) => void rows(a, "statements").splice(1, 2, ...rows(a, "statements").slice(1, 3).reverse()),
    "another hash": (a) => void Object.assign(rows(a, "statements")[1] ?? {}, { sha256: "A".repeat(43) }),
    "another's": (a) => void Object.assign(rows(a, "statements")[1] ?? {}, foreign, { seq: 2 }),
    "a longer end": (a) => void Object.assign(a["head"] as Json, { seq: 99 }),
    "another end": (a) => void Object.assign(a["head"] as Json, { sha256: "A".repeat(43) }),
    "an altered text": (a) => {
      const entry = rows(a, "statements")[1] ?? {};
      entry["statement"] = String(entry["statement"]).replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
    },
  };
  for (const [name, lie] of Object.entries(lies)) assert.equal(await code(tampering("/v1/statements", lie), head), "chain", name);
  assert.equal(await code(tampering("/v1/statements", (a) => ({ ...a, statements: [foreign], head: { seq: 1, sha256: foreign["sha256"] } })), head), "chain");
});

async function chainOf(who: Somebody): Promise<Json[]> {
  let seen: Json[] = [];
  await head(who.anew({ fetch: tampering("/v1/statements", (a) => void (seen = rows(a, "statements"))) }));
  return seen;
}

test("a cut tail and another history show against a head that was noted", async () => {
  const kept = await head(her.c);
  const cut = tampering("/v1/statements", (a) => {
    const shorter = rows(a, "statements").slice(0, -1);
    return { ...a, statements: shorter, head: { seq: shorter.length, sha256: shorter.at(-1)?.["sha256"] } };
  });
  const refusedBy = (noted: typeof kept) => head(her.anew({ fetch: cut, kept: noted })).then(() => "believed", codeOf);
  assert.equal(await refusedBy(kept), "tail-cut");
  assert.equal(await refusedBy({ seq: 2, sha256: "A".repeat(43) }), "forked");
  assert.equal(await refusedBy({ seq: 0, sha256: "" }), "believed", "without a noted head nobody can know");
});

test("nothing is signed for another vault, nor before the clock of what was signed", async () => {
  const otherVault = tampering("/v1/vault", (a) => ({ ...a, vault_id: "A".repeat(43) }));
  assert.equal(await code(otherVault, (c) => withdraw(c, {})), "wrong-vault");
  const early = tampering("/v1/session/challenge", (a) => ({ ...a, time: Number(a["time"]) - 3 * 86_400 }));
  const late = tampering("/v1/vault", (a) => ({ ...a, time: Number(a["time"]) - 3 * 86_400 }));
  const both: typeof fetch = async (input, init) => {
    const path = new URL(input as string).pathname;
    return (path === "/v1/vault" ? late : early)(input, init);
  };
  assert.equal(await code(both, (c) => withdraw(c, {})), "clock");
});

test("a swapped roster is another vault, and a change without voices breaks it", async () => {
  const fake = (link: Json, change: Json): Json => {
    const document = JSON.parse(Buffer.from(String(link["document"]), "base64url").toString()) as Json;
    return { ...link, document: Buffer.from(JSON.stringify({ ...document, ...change })).toString("base64url") };
  };
  const first = tampering("/v1/roster", (a) => ({ links: [fake(rows(a, "links")[0] ?? {}, { threshold: 1, day: "2020-01-01" })] }));
  assert.equal(await code(first, roster), "wrong-vault");
  assert.equal(await code(first, (c) => researcher(c, reader.c.account)), "wrong-vault");
  const next = tampering("/v1/roster", (a) => {
    const [link = {}] = rows(a, "links");
    return { links: [link, fake(link, { seq: 1, prev: w.vault })] };
  });
  assert.equal(await code(next, roster), "roster-broken");
  assert.equal(await code(tampering("/v1/roster", () => ({ links: [] })), roster), "roster-broken");
});

test("an accreditation over another key shares nothing", async () => {
  const records: Record<string, Json> = {};
  for (const who of [reader, stranger]) {
    const path = `/v1/researchers/${who.c.account}`;
    await researcher(her.anew({ fetch: tampering(path, (a) => void (records[who.c.account] = structuredClone(a))) }), who.c.account);
  }
  const wrong = records[stranger.c.account] ?? {};
  const offer = { testimony, parts: [1], to: reader.c.account, terms: {} };
  const path = `/v1/researchers/${reader.c.account}`;
  const swapped = (change: Json) => code(tampering(path, (a) => ({ ...a, ...change })), (c) => give(c, offer));
  const before = (await listGrants(her.c, testimony)).length;
  assert.equal(await swapped(wrong), "recipient-swapped");
  assert.equal(await swapped({ key: wrong["key"] }), "recipient-swapped");
  assert.equal(await swapped({ apply: wrong["apply"] }), "recipient-swapped");
  assert.equal(await swapped({ accredits: wrong["accredits"] }), "not-accredited");
  assert.equal(await swapped({ accredits: [] }), "not-accredited");
  assert.equal((await listGrants(her.c, testimony)).length, before);
});

test("a header that is not the one she signed for is never wrapped to a reader", async () => {
  const headers: Uint8Array<ArrayBuffer>[] = [];
  const keep = garbling(/parts\/2\/header$/, (b) => (headers.push(b.slice()), b.slice()));
  await give(her.anew({ fetch: keep }), { testimony, parts: [2], to: stranger.c.account, terms: {} });
  const [second] = headers;
  assert.ok(second);
  const offer = { testimony, parts: [1], to: stranger.c.account, terms: {} };
  assert.equal(await code(garbling(/parts\/1\/header$/, () => second), (c) => give(c, offer)), "part-swapped");
  assert.equal(await code(garbling(/parts\/1\/header$/, (b) => b.slice(1)), (c) => give(c, offer)), "part-swapped");
});

test("content that is not what she signed for is not opened, for her or for a reader", async () => {
  const flip = (at: number) => (b: Uint8Array<ArrayBuffer>) => {
    const out = b.slice();
    out[at < 0 ? out.length + at : at] = (out[at < 0 ? out.length + at : at] ?? 0) ^ 1;
    return out;
  };
  const open = (c: Somebody["c"]) => openOwnPart(c, testimony, 1);
  const granted = (c: Somebody["c"]) => openGranted(c, grant, 1);
  assert.equal(await code(garbling(/parts\/1\/content$/, flip(200)), open), "part-swapped");
  assert.equal(await code(garbling(/parts\/1\/content$/, flip(-20)), open), "payload-swapped");
  assert.equal(await code(garbling(/parts\/1\/content$/, flip(-20)), granted, reader), "payload-swapped");
  assert.equal(await code(garbling(/parts\/1\/content$/, flip(200)), granted, reader), "part-swapped");
  assert.equal(await code(tampering(/parts\/1\/content$/, () => undefined, { ETag: `"${"A".repeat(43)}"` }), open), "part-swapped");
  assert.equal(await code(garbling(/parts\/1\/content$/, (b) => b.slice(0, -1)), open), "part-swapped");
  assert.equal(await (await open(her.anew())).content.text(), "the first");
});

test("what she never signed is marked, and what she signed cannot be left out", async () => {
  const stolen: Json[] = [];
  await listTestimonies(other.anew({ fetch: tampering("/v1/testimonies", (a) => void stolen.push(...rows(a, "testimonies"))) }));
  const planted = await listTestimonies(her.anew({ fetch: tampering("/v1/testimonies", (a) => void rows(a, "testimonies").push(...stolen)) }));
  assert.deepEqual([planted.doubt?.code, planted.list[1]?.doubt?.code, planted.list[0]?.doubt], ["planted", "planted", undefined]);
  const hidden = await listTestimonies(her.anew({ fetch: tampering("/v1/testimonies", () => ({ testimonies: [] })) }));
  assert.equal(hidden.doubt?.code, "withheld");

  let old: unknown;
  await listTestimonies(her.anew({ fetch: tampering("/v1/testimonies", (a) => void (old = rows(a, "testimonies")[0]?.["card"])) }));
  await setCard(her.c, testimony, { title: "a new title", language: "en", labels: [], warnings: [] });
  const back = tampering("/v1/testimonies", (a) => void Object.assign(rows(a, "testimonies")[0] ?? {}, { card: old }));
  const listed = await listTestimonies(her.anew({ fetch: back }));
  assert.deepEqual([listed.doubt?.code, listed.list[0]?.card], ["card-swapped", undefined]);

  const show = (lie: (parts: Json[]) => void) =>
    showTestimony(her.anew({ fetch: tampering(`/v1/testimonies/${testimony}`, (a) => lie(rows(a, "parts"))) }), testimony);
  const doubts = async (lie: (parts: Json[]) => void) => (await show(lie)).details.map((d) => d.doubt?.code);
  assert.deepEqual(await doubts((p) => void Object.assign(p[0] ?? {}, { header_sha256: "A".repeat(43) })), ["part-swapped", undefined]);
  assert.deepEqual(await doubts((p) => void p.push({ ...p[1], n: 3 })), [undefined, undefined, "planted"]);
  assert.deepEqual(await doubts((p) => void p.pop()), [undefined, "withheld"]);
});

test("grants that are planted, hidden, kept alive or on old terms are refused", async () => {
  const path = `/v1/testimonies/${testimony}/grants`;
  const list = (lie: (grants: Json[]) => void) => code(tampering(path, (a) => lie(rows(a, "grants"))), (c) => listGrants(c, testimony));
  assert.equal(await list((g) => void Object.assign(g[0] ?? {}, { grant: "a".repeat(26) })), "planted");
  assert.equal(await list((g) => void g.push(structuredClone(g[0] ?? {}))), "planted");
  assert.equal(await list((g) => void g.pop()), "withheld");
  await narrow(her.c, testimony, grant, (t) => ({ ...t, max_reads: 9 }));
  assert.equal(await list((g) => void delete g[0]?.["terms"]), "terms-old");
  assert.equal(await list((g) => void Object.assign(g[0] ?? {}, { ask: g[0]?.["terms"] })), "request-forged");
  const closure = { seq: 1, state: "destroyed", parts: [1], day: 86_400, due: 86_400 };
  assert.equal(await list((g) => void (g[0]?.["closures"] as Json[]).push(closure)), "reply-forged");
});

test("a grant that was made for somebody else, or terms of something else, are not believed", async () => {
  const theirs: Json[] = [];
  await inbox(stranger.anew({ fetch: tampering("/v1/inbox", (a) => void theirs.push(...rows(a, "grants"))) }));
  const doubtOf = async (lie: (grants: Json[]) => void) => {
    const [got] = await inbox(reader.anew({ fetch: tampering("/v1/inbox", (a) => lie(rows(a, "grants"))) }));
    return got !== undefined && "doubt" in got ? got.doubt.code : "believed";
  };
  assert.equal(await doubtOf((g) => void g.splice(0, 1, ...theirs)), "grant-forged");
  assert.equal(await doubtOf((g) => void Object.assign(g[0] ?? {}, { terms: theirs[0]?.["statement"] })), "grant-forged");
  assert.equal(await doubtOf((g) => void (g[0]?.["parts"] as Json[]).push({ n: 2, length: 100 })), "grant-forged");
  assert.equal(await doubtOf((g) => void Object.assign((g[0]?.["parts"] as Json[])[0] ?? {}, { relock: theirs[0]?.["statement"] })), "grant-forged");
  assert.equal(await doubtOf((g) => void Object.assign(g[0] ?? {}, { answer: theirs[0]?.["statement"] })), "grant-forged");
  assert.equal(await doubtOf((g) => void (g[0]?.["rekeys"] as Json[]).push(theirs[0]?.["statement"] as Json)), "grant-forged");
  assert.equal(await doubtOf(() => undefined), "believed");

  const seen = reader.anew();
  await inbox(seen);
  const older = new Map(seen.newest);
  const again = reader.anew({ fetch: tampering("/v1/inbox", (a) => void delete rows(a, "grants")[0]?.["terms"]) });
  for (const [id, seq] of older) again.newest.set(id, seq);
  const [old] = await inbox(again);
  assert.ok(old !== undefined && "doubt" in old && old.doubt.code === "terms-old");
});

test("an act without the right receipt is not called done", async () => {
  const receipt: unknown[] = [];
  const keep = tampering("/v1/withdrawals", (a) => void receipt.push(a["receipt"]), {}, "POST");
  await withdraw(her.anew({ fetch: keep }), { reader: "A".repeat(43) });
  const lies: ((a: Json) => Json)[] = [
    (a) => ({ ...a, receipt: receipt[0] }),
    (a) => ({ ...a, seq: 1 }),
    (a) => ({ ...a, statement_sha256: "A".repeat(43) }),
    (a) => ({ ...a, receipt: "" }),
  ];
  for (const lie of lies) assert.equal(await code(tampering("/v1/withdrawals", lie, {}, "POST"), (c) => withdraw(c, { reader: "A".repeat(43) })), "receipt");
});

test("an end that the vault does not prove is told as such, and her statement stands", async () => {
  const { grant: one } = await give(her.c, { testimony, parts: [1], to: stranger.c.account, terms: {} });
  const lie = tampering(`/v1/testimonies/${testimony}/revocations`, (a) => ({ ...a, fetched: [{ n: 1, opened: 1, bytes: 1, complete: false }] }));
  assert.equal(await code(lie, (c) => revoke(c, testimony, one)), "revocation");
  const stands = await listGrants(her.anew(), testimony);
  assert.equal(stands.find((g) => g.grant === one)?.revoked, true);
  const alive = tampering(`/v1/testimonies/${testimony}/grants`, (a) => void rows(a, "grants").forEach((g) => (g["state"] = "live")));
  assert.equal(await code(alive, (c) => listGrants(c, testimony)), "revoked");
  assert.equal(await code(tampering("/v1/withdrawals", () => ({ withdrawals: [] }), {}, "GET"), (c) => withdraw(c, { testimony })), "revocation");
});

test("gaps, endless lists and answers with a name twice are refused", async () => {
  const path = `/v1/testimonies/${testimony}/feed`;
  assert.equal(await code(tampering(path, (a) => void rows(a, "events").splice(1, 1)), (c) => feed(c, testimony)), "withheld");
  assert.equal(await code(tampering(path, (a) => ({ ...a, last: 99 })), (c) => feed(c, testimony)), "withheld");
  assert.equal(await code(tampering("/v1/testimonies", () => undefined, { Link: '</v1/testimonies>; rel="next"' }), listTestimonies), "nonsense");
  const twice: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (new URL(input as string).pathname !== path) return response;
    const text = (await response.text()).replace('"last":', '"last":0,"last":');
    return new Response(text, { status: response.status, headers: response.headers });
  };
  assert.equal(await code(twice, (c) => feed(c, testimony)), "nonsense");
});

test("failures that accuse the vault say so", () => {
  assert.ok(new Failure("chain").untrusted && !new Failure("unavailable").untrusted);
});
