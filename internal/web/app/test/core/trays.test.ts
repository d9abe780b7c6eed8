// What partners bring, against the real vault and the command line: what core verifies is what api/client verifies, and a vault that swaps,
// invents, drops and replays is found out before anything is shown, opened or adopted.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { apply } from "../../src/core/application.ts";
import { base64url } from "../../src/core/bytes.ts";
import { keysOf, type Client } from "../../src/core/client.ts";
import { signedWith, thumbprintOfJwk, type Jwk } from "../../src/core/clientkey.ts";
import { peek } from "../../src/core/delivery.ts";
import { enrol } from "../../src/core/enrol.ts";
import { codeOf, Failure } from "../../src/core/failure.ts";
import { give } from "../../src/core/grants.ts";
import { inbox } from "../../src/core/inbox.ts";
import { bringerName } from "../../src/core/came.ts";
import { adoptItem, items, openItem, refuseItem, type Item } from "../../src/core/items.ts";
import { accredit } from "../../src/core/stewards.ts";
import { createTestimony, showTestimony } from "../../src/core/testimonies.ts";
import { closeTray, openTray, returns, trays } from "../../src/core/trays.ts";
import { withdraw } from "../../src/core/withdrawals.ts";
import { trayLine } from "../../src/mine/traycode.ts";
import { partnership, type Partnership } from "../partnership.ts";
import { aSteward, somebody, written, type Somebody } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";
import { ask } from "./oracle.ts";
import { secretOf } from "./secrets.ts";

type Json = Record<string, unknown>;
const rows = (answer: Json, name: string) => answer[name] as Json[];

let w: World;
let p: Partnership;
let other: Partnership;
let her: Somebody;
let somebodyElse: Somebody;
let reader: Somebody;
let steward: Somebody;

before(async () => {
  w = await world();
  steward = aSteward(w, await secretOf(w.steward.words()));
  await enrol(steward.c, "steward");
  [p, other] = [await partnership(w), await partnership(w, "Elsewhere")];
  [her, somebodyElse, reader] = [somebody(w), somebody(w), somebody(w)];
  for (const who of [her, somebodyElse]) await enrol(who.c, "participant");
  await enrol(reader.c, "researcher");
  await apply(reader.c, "Somebody", "Somewhere", "to listen");
  await accredit(steward.c, reader.c.account, 30);
});
after(() => w.stop());

let cards = 0;

/** card is the line of a new tray of somebody's, in a file. */
async function card(who: Somebody, of = p): Promise<string> {
  const { code } = await openTray(who.c, of.partner);
  const path = join(w.folder, `card-${String(++cards)}.txt`);
  writeFileSync(path, trayLine(w.vault, code, keysOf(who.c).recipient));
  return path;
}

const named = (list: Item[], item: string): Item => list.find((one) => one.item === item) ?? assert.fail("it is not listed");

test("what a program signs with either kind of key is read here, and by no other key", async () => {
  for (const alg of ["EdDSA", "ES256"]) {
    const { text = "", words = {} } = await ask({ op: "note", text: alg });
    const { crv, kty, x, y } = words as unknown as Jwk & { y: string };
    const jwk = (y === "" ? { crv, kty, x } : { crv, kty, x, y }) as Jwk;
    const token = peek(text);
    assert.equal(token.kid, thumbprintOfJwk(jwk));
    assert.equal(token.payload.assurance, "gateway");
    assert.ok(await signedWith(token, jwk), alg);
    const flipped = { ...token.parts, signature: token.parts.signature.map((b, i) => (i === 9 ? b ^ 1 : b)) };
    assert.ok(!(await signedWith({ ...token, parts: flipped }, jwk)), "another signature");
    assert.ok(!(await signedWith({ ...token, alg: alg === "EdDSA" ? "ES256" : "EdDSA" }, jwk)), "another algorithm");
    const elsewhere = { ...jwk, x: base64url(new Uint8Array(32).fill(7)) };
    assert.ok(!(await signedWith({ ...token, kid: thumbprintOfJwk(elsewhere) }, elsewhere)), "another key, which may be no point");
    const [head = "", body = "", mark = ""] = text.split(".");
    const spelled = (header: object) => `${base64url(new TextEncoder().encode(JSON.stringify(header)))}.${body}.${mark}`;
    assert.equal(peek(spelled({ typ: "tv-delivery+jwt", kid: token.kid, alg })).kid, token.kid, "the order of a header is free, as in Go");
    for (const bad of [{ alg, typ: "JWT", kid: token.kid }, { alg, typ: "tv-delivery+jwt" }, { alg, typ: "tv-delivery+jwt", kid: token.kid, jwk }]) {
      assert.throws(() => peek(spelled(bad)), TypeError);
    }
    assert.throws(() => peek(`${head}.${body}${"A".repeat(4096)}.${mark}`));
  }
});

test("what is brought says who brought it and how, is opened, adopted and refused, and how it came stays", async () => {
  const to = await card(her);
  const [sealed, gateway, plain] = [await p.brings(to, "on a device"), await p.brings(to, "through a gateway", "--gateway"), await p.brings(to, "by the vault", "--plain")];
  const list = await items(her.c);
  assert.deepEqual(list.map((one) => one.doubt), [undefined, undefined, undefined]);
  assert.deepEqual([named(list, sealed), named(list, gateway), named(list, plain)].map((one) => [one.name, one.assurance, one.readable, one.doubted]), [
    ["Women for Memory", "partner-device", false, false], ["Women for Memory", "gateway", true, false], ["", "vault", true, false]]);
  const seen = await openItem(her.c, gateway);
  assert.equal(await seen.content.text(), "through a gateway");
  const { testimony } = await createTestimony(her.c, { title: "hers", language: "", warnings: [], parts: [written("her own")] });
  assert.deepEqual(await adoptItem(her.c, seen, testimony), { n: 2, destroyed: false });
  await assert.rejects(adoptItem(her.c, seen, testimony), (error) => codeOf(error) === "note-forged");
  await refuseItem(her.c, plain);
  assert.deepEqual((await items(her.c)).map((one) => one.item), [sealed]);
  const details = (await showTestimony(her.c, testimony)).details;
  assert.equal(details[0]?.brought, undefined);
  assert.equal(details[1]?.brought?.assurance, "gateway");
  assert.equal(details[1]?.brought?.partner, p.partner);

  for (const namePartner of [false, true]) {
    const { grant } = await give(her.c, { testimony, parts: [1, 2], to: reader.c.account, terms: {}, namePartner });
    const got = (await inbox(reader.c)).find((one) => one.grant === grant);
    const came = got !== undefined && "came" in got ? got.came : [];
    assert.deepEqual(came.map((one) => [one.n, one.assurance, one.signed, one.partner]), [[2, "gateway", true, namePartner ? p.partner : ""]]);
    if (namePartner && came[0] !== undefined) assert.equal(await bringerName(reader.c, came[0]), "Women for Memory");
    await lies(grant, namePartner);
  }

  await withdraw(her.c, {});
  assert.deepEqual((await returns(her.c)).map((one) => [one.item, one.acknowledged]), [[gateway, undefined]]);
  await p.acknowledges(gateway);
  assert.notEqual((await returns(her.c))[0]?.acknowledged, undefined);
  const mine = await trays(her.c);
  await closeTray(her.c, mine[0]?.tray ?? "");
  assert.equal((await trays(her.c))[0]?.closed, true);
});

/** lies are what a vault could say to the reader of how part 2 came. */
async function lies(grant: string, isNamed: boolean): Promise<void> {
  const told = async (change: (delivered: Json) => Json | undefined): Promise<unknown> => {
    const c = reader.anew({ fetch: tampering("/v1/inbox", (answer) => {
      for (const part of rows(answer, "grants").flatMap((g) => rows(g, "parts"))) if (part["delivered"] !== undefined) part["delivered"] = change(part["delivered"] as Json);
    }) });
    const got = (await inbox(c)).find((one) => one.grant === grant);
    return got !== undefined && "doubt" in got ? codeOf(got.doubt) : "believed";
  };
  assert.equal(await told((d) => d), "believed");
  assert.equal(await told(() => undefined), "grant-forged", "left out");
  assert.equal(await told((d) => ({ ...d, assurance: "partner-device" })), "grant-forged", "something better");
  assert.equal(await told((d) => ({ ...d, claimed: true })), "grant-forged", "a claim");
  assert.equal(await told((d) => ({ ...d, note: undefined })), isNamed ? "grant-forged" : "believed", "the note withheld");
}

test("what was claimed from a collection says so, and the partner's copy is destroyed", async () => {
  const words = w.person("collection");
  const [officer] = p.officers;
  const until = new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10);
  await officer?.run("collection", "open", "--until", until, "--words-out", words.wordsFile);
  const folder = join(w.folder, "holdings");
  mkdirSync(folder);
  writeFileSync(join(folder, "old.txt"), "from before");
  await words.run("collection", "import", folder);
  const all = JSON.parse((await words.run("list", "--json")).out) as { testimonies: { testimony: string }[] };
  await words.run("collection", "claim", all.testimonies[0]?.testimony ?? "", "--card", await card(her), ...p.program, "--json");
  const item = (await items(her.c)).find((one) => one.claimed) ?? assert.fail("nothing is claimed");
  assert.ok(item.readable);
  const { testimony } = await createTestimony(her.c, { title: "old", language: "", warnings: [], parts: [] });
  assert.deepEqual(await adoptItem(her.c, await openItem(her.c, item.item), testimony), { n: 1, destroyed: true });
  assert.ok((await showTestimony(her.c, testimony)).details[0]?.brought?.claimed);
});

test("what is swapped, invented, dropped or shown again is not believed, and cannot be opened", async () => {
  const to = await card(her);
  const [one, two] = [await p.brings(to, "first"), await p.brings(to, "second")];
  await other.brings(await card(somebodyElse, other), "another's");
  const foreign = (await items(somebodyElse.c))[0]?.note ?? "";
  const notes = new Map((await items(her.c)).map((i) => [i.item, i.note]));
  const records: Json = {};
  await items(her.anew({ fetch: tampering(/^\/v1\/partners\//, (answer) => void Object.assign(records, answer)) }));
  const officers = records["clients"] as string[];
  const note = (text: string) => (answer: Json) => {
    for (const i of rows(answer, "items")) if (i["item"] === one) i["note"] = text;
  };
  const partner = new RegExp(`^/v1/partners/${p.partner}$`);
  const program = new RegExp(`^/v1/partners/${p.partner}/clients/`);
  for (const [what, path, change] of [
    ["another item's note", "/v1/items", note(notes.get(two) ?? "")],
    ["somebody else's note", "/v1/items", note(foreign)],
    ["a note that is none", "/v1/items", note("x.y.z")],
    ["no agreement", partner, (a: Json) => Object.assign(a, { agrees: [] })],
    ["an agreement that officers made up", partner, (a: Json) => Object.assign(a, { agrees: officers })],
    ["one officer", program, (a: Json) => Object.assign(a, { clients: officers.slice(0, 1) })],
    ["one officer, twice", program, (a: Json) => Object.assign(a, { clients: [officers[0], officers[0]] })],
    ["no registration", program, (a: Json) => Object.assign(a, { clients: [] })],
  ] as const) {
    await refused(her.anew({ fetch: tampering(path, change) }), one, what);
  }
  const twice = her.anew({ fetch: tampering("/v1/items", (a) => Object.assign(a, { items: [...rows(a, "items"), rows(a, "items").find((i) => i["item"] === one)] })) });
  assert.equal((await items(twice)).filter((i) => i.item === one && i.doubt === undefined).length, 1, "one of the two is hers to open");

  const shown: Json[] = [];
  await items(her.anew({ fetch: tampering("/v1/items", (a) => void shown.push(...rows(a, "items"))) }));
  const { testimony } = await createTestimony(her.c, { title: "taken", language: "", warnings: [], parts: [] });
  await adoptItem(her.c, await openItem(her.c, one), testimony);
  await refused(her.anew({ fetch: tampering("/v1/items", (a) => Object.assign(a, { items: shown })) }), one, "what she took already");

  for (const [what, change, code] of [
    ["another note", (d: Json) => ({ ...d, note: notes.get(two) }), "part-swapped"], ["none", () => undefined, "withheld"],
  ] as const) {
    const c = her.anew({ fetch: tampering(`/v1/testimonies/${testimony}`, (a) => {
      for (const part of rows(a, "parts")) part["delivered"] = change(part["delivered"] as Json);
    }) });
    assert.equal(codeOf((await showTestimony(c, testimony)).details[0]?.doubt), code, what);
    await assert.rejects(give(c, { testimony, parts: [1], to: reader.c.account, terms: {} }), (error) => error instanceof Failure && error.code === code, what);
  }
});

async function refused(c: Client, item: string, what: string): Promise<void> {
  const found = named(await items(c), item);
  assert.equal(codeOf(found.doubt), "note-forged", what);
  assert.equal(found.name, "", what);
  await assert.rejects(openItem(c, item), (error) => codeOf(error) === "note-forged", what);
}
