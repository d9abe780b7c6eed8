// Trustees against the real server: nothing opens before enough of them agree, a share that is not the one she gave is found, and
// the key that opens it is held by nobody before and after.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apply } from "../../src/core/application.ts";
import { enrol } from "../../src/core/enrol.ts";
import { codeOf } from "../../src/core/failure.ts";
import { give, renew } from "../../src/core/grants.ts";
import { inbox, openGranted } from "../../src/core/inbox.ts";
import { introduce, listPolicies, setPolicy } from "../../src/core/policies.ts";
import { accredit } from "../../src/core/stewards.ts";
import { createTestimony } from "../../src/core/testimonies.ts";
import { answerTrust, release, trusts } from "../../src/core/trustees.ts";
import { aSteward, somebody, written, type Somebody } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";
import { secretOf } from "./secrets.ts";

type Json = Record<string, unknown>;
let w: World;
let [her, reader, steward]: Somebody[] = [];
let trustees: Somebody[] = [];
let testimony: string;

before(async () => {
  w = await world();
  [her, reader] = [somebody(w), somebody(w)];
  steward = aSteward(w, await secretOf(w.steward.words()));
  trustees = [somebody(w), somebody(w), somebody(w)];
  await enrol(steward.c, "steward");
  await enrol(reader.c, "researcher");
  await apply(reader.c, "Somebody", "Somewhere", "to listen");
  await accredit(steward.c, reader.c.account, 30);
  for (const who of [her, ...trustees]) await enrol(who.c, "participant");
  ({ testimony } = await createTestimony(her.c, { title: "", language: "en", warnings: [], parts: [written("if I am gone")] }));
});
after(() => w.stop());

async function code(what: Promise<unknown>): Promise<string> {
  return what.then(() => "done", codeOf);
}

test("two of three trustees let a reader in, and one does not", async () => {
  assert.ok(her && reader);
  const [c, r] = [her.c, reader];
  const accounts = trustees.map((t) => t.c.account);
  const terms = { testimony, to: r.c.account, trustees: accounts, threshold: 2, silence: 0, wait: 0, note: "When I am not there" };
  assert.equal(await code(setPolicy(c, terms)), "not-found", "nobody lets their key be asked for yet");
  for (const t of trustees) await introduce(t.c, true);
  assert.equal(await code(setPolicy(c, { ...terms, trustees: [...accounts, accounts[0] ?? ""] })), "refused");
  const made = await setPolicy(c, terms);
  assert.equal((await listPolicies(her.anew(), testimony))[0]?.policy, made.policy);
  const { grant } = await give(c, { testimony, parts: [1], to: r.c.account, terms: {}, policy: made.policy });
  const [got] = await inbox(r.c);
  assert.ok(got !== undefined && "state" in got);
  assert.deepEqual([got.state, got.shared, got.policy], ["withheld", true, made.policy]);
  assert.equal(await code(openGranted(r.c, grant, 1)), "not-released");

  const [one, two, three] = trustees;
  assert.ok(one && two && three);
  const [asked] = await trusts(one.c);
  assert.deepEqual([asked?.of, asked?.to, asked?.note, asked?.threshold, asked?.trustees.length, asked?.open, asked?.doubt],
    [c.account, r.c.account, "When I am not there", 2, 3, true, undefined]);
  await answerTrust(one.c, made.policy, "agreed");
  await answerTrust(three.c, made.policy, "declined");
  assert.equal(await code(release(three.c, made.policy)), "refused");
  await release(one.c, made.policy);
  assert.equal(await code(openGranted(r.c, grant, 1)), "not-released");
  const answers = (await listPolicies(c, testimony))[0]?.trustees.map((t) => t.answer).sort();
  assert.deepEqual(answers, ["declined", "none", "released"]);
  await release(two.c, made.policy);
  assert.equal(await (await openGranted(r.c, grant, 1)).content.text(), "if I am gone");
  await renew(c, testimony, grant);

  const path = `/v1/inbox/${grant}/shares`;
  const lies: Record<string, (a: Json) => void> = {
    "another file": (a) => void (a["shares"] as Json[]).forEach((s, i, all) => (s["share"] = all[1 - i]?.["share"])),
    "another vote": (a) => void (a["shares"] as Json[]).forEach((s, i, all) => (s["statement"] = all[1 - i]?.["statement"])),
    "one twice": (a) => void (a["shares"] as Json[]).splice(1, 1, (a["shares"] as Json[])[0] ?? {}),
  };
  for (const [name, lie] of Object.entries(lies)) {
    assert.equal(await code(openGranted(r.anew({ fetch: tampering(path, lie) }), grant, 1)), "share-swapped", name);
  }
  assert.equal(await code(openGranted(r.anew({ fetch: tampering(path, (a) => void (a["shares"] as Json[]).pop()) }), grant, 1)), "false-shares");
});

test("a trustee whose share or policy was swapped does nothing on the strength of it", async () => {
  const [one, two] = trustees;
  assert.ok(one && two);
  let theirs: Json[] = [];
  await trusts(two.anew({ fetch: tampering("/v1/trusts", (a) => void (theirs = a["trusts"] as Json[])) }));
  const doubt = async (lie: (trust: Json) => void) => {
    const [got] = await trusts(one.anew({ fetch: tampering("/v1/trusts", (a) => (a["trusts"] as Json[]).forEach(lie)) }));
    return got?.doubt?.code;
  };
  assert.equal(await doubt((t) => void (t["share"] = theirs[0]?.["share"])), "share-swapped");
  assert.equal(await doubt((t) => void (t["policy"] = "a".repeat(26))), "trust-forged");
  assert.equal(await doubt((t) => void (t["statement"] = "nonsense")), "trust-forged");
});
