// Lost words against the real server, whose clock is moved: trustees give them back when the wait is over, and nobody else, not
// before, and not when she is there after all. The command line client is the other side.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { base64url, fromBase64url, type Bytes } from "../../src/core/bytes.ts";
import { checkIn } from "../../src/core/checkin.ts";
import { claim, ownClaims, recovered } from "../../src/core/claims.ts";
import { enrol } from "../../src/core/enrol.ts";
import type { Client } from "../../src/core/client.ts";
import { codeOf } from "../../src/core/failure.ts";
import { history } from "../../src/core/history.ts";
import { introduce } from "../../src/core/policies.ts";
import { answerRecovery, namedRecoveries, releaseTo } from "../../src/core/recoveries.ts";
import { endRecovery, ownRecovery, setRecovery } from "../../src/core/recovery.ts";
import { combine, split } from "../../src/core/shamir.ts";
import { derive } from "../../src/core/keyring.ts";
import { aSteward, somebody, type Somebody } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { movedWorld, type MovedWorld } from "../world.ts";
import { ask } from "./oracle.ts";
import { secretOf } from "./secrets.ts";

let w: MovedWorld;
let steward: Somebody;
before(async () => {
  w = await movedWorld();
  steward = aSteward(w, await secretOf(w.steward.words()));
  await enrol(steward.c, "steward");
});
after(() => w.stop());

const draw = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

async function code(what: Promise<unknown>): Promise<string> {
  return what.then(() => "done", codeOf);
}

async function people(n: number): Promise<Somebody[]> {
  const out = Array.from({ length: n }, () => somebody(w));
  for (const one of out) {
    await enrol(one.c, "participant");
    await introduce(one.c, true);
  }
  return out;
}

const joined = (shares: Bytes[], thumbprint: string): Promise<Bytes> => {
  const secret = combine(shares);
  assert.equal(derive(secret, fromBase64url(w.vault)).thumbprint, thumbprint);
  return Promise.resolve(secret);
};

function sets(her: Somebody, of: Somebody[], more: { threshold?: number; note?: string } = {}): Promise<void> {
  const terms = { trustees: of.map((t) => t.c.account), threshold: more.threshold ?? 2, wait: 7, note: more.note ?? "" };
  return setRecovery(her.c, terms, (n, threshold) => Promise.resolve(split(her.secret, n, threshold, draw)));
}

test("two of three give lost words back after the wait, one does not, and nobody before", async () => {
  const [her, newer, one, two, three] = await people(5);
  assert.ok(her && newer && one && two && three);
  assert.equal((await ownRecovery(her.c)).set, false);
  await sets(her, [one, two, three], { note: "ask me what we sang\u202e" });
  assert.deepEqual((await ownRecovery(her.c)).trustees.map((t) => t.answer), ["none", "none", "none"]);

  const [named] = await namedRecoveries(one.c);
  assert.ok(named !== undefined && named.doubt === undefined);
  assert.deepEqual([named.of, named.threshold, named.trustees, named.wait, named.note, named.claims], [her.c.account, 2, 3, 7, "ask me what we sang ", []]);
  await answerRecovery(one.c, named.recovery, "agreed");
  assert.ok((await ownRecovery(her.c)).trustees.some((t) => t.account === one.c.account && t.answer === "agreed"));

  await claim(newer.c, her.c.account);
  const [mine] = await ownClaims(newer.c);
  assert.ok(mine);
  assert.deepEqual([mine.account, mine.old], [her.c.account, false]);
  assert.equal((await ownRecovery(her.c)).claims[0]?.claimant, newer.c.account);
  assert.equal(await code(releaseTo(one.c, mine.claim, two.c.account)), "refused", "given to somebody who was not meant");
  await releaseTo(one.c, mine.claim, newer.c.account);
  await w.forward(9);
  assert.equal(await code(recovered(newer.c, mine.claim, joined)), "not-released", "one is enough");
  await releaseTo(three.c, mine.claim, newer.c.account);
  assert.deepEqual(await recovered(newer.c, mine.claim, joined), her.secret);
  assert.equal(await code(recovered(two.c, mine.claim, joined)), "not-found", "somebody else's claim");
});

test("before the wait is over nothing leaves, and anything she signs ends a claim for good", async () => {
  const [her, thief, one, two] = await people(4);
  assert.ok(her && thief && one && two);
  await sets(her, [one, two]);
  await claim(thief.c, her.c.account);
  const [mine] = await ownClaims(thief.c);
  assert.ok(mine);
  for (const t of [one, two]) await releaseTo(t.c, mine.claim, thief.c.account);
  assert.equal(await code(recovered(thief.c, mine.claim, joined)), "not-released");
  await checkIn(her.c);
  assert.deepEqual((await ownRecovery(her.c)).claims, []);
  await w.forward(60);
  assert.equal(await code(recovered(thief.c, mine.claim, joined)), "not-released");
  const later = her.anew(); // whose clock is the vault's of then
  await endRecovery(later);
  assert.equal((await ownRecovery(later)).set, false);
  assert.deepEqual(await namedRecoveries(one.anew()), []);
});

test("no steward, no double and not she herself is a trustee", async () => {
  const [her, one] = await people(2);
  assert.ok(her && one);
  assert.equal(await code(sets(her, [one, one])), "refused");
  assert.equal(await code(sets(her, [one, her])), "refused");
  await introduce(steward.c, true).catch(() => undefined);
  assert.equal(await code(sets(her, [one, steward])), "refused");
  assert.equal((await ownRecovery(her.c)).set, false, "something was sent");
});

test("a vault that shows another recovery, share, claim or key is found out", async () => {
  const [her, newer, one, two, thief] = await people(5);
  assert.ok(her && newer && one && two && thief);
  await sets(her, [one, two]);
  await claim(newer.c, her.c.account);
  await claim(thief.c, her.c.account);
  const [mine] = await ownClaims(newer.c);
  assert.ok(mine);
  const named = (who: Somebody, lie: (a: Named) => unknown) => who.anew({ fetch: tampering("/v1/recoveries/named", (said) =>
    ({ recoveries: (said["recoveries"] as Named[]).map(lie) })) });
  const lies: [string, (a: Named) => unknown, string][] = [
    ["another account", (a) => ({ ...a, account: thief.c.account }), "trust-forged"],
    ["another statement", (a) => ({ ...a, statement: a.claims[0]?.statement }), "trust-forged"],
    ["another share", (a) => ({ ...a, share: base64url(draw(2683)) }), "share-swapped"],
  ];
  for (const [what, lie, want] of lies) {
    const c = named(one, lie);
    assert.equal((await namedRecoveries(c))[0]?.doubt?.code, want, what);
    assert.notEqual(await code(releaseTo(c, mine.claim, newer.c.account)), "done", what);
  }
  // The thief's key beside her claim: what was read out is hers, and the share would go to the thief.
  const key = (await ownKey(thief)).compact;
  const c = named(one, (a) => ({ ...a, claims: a.claims.map((by) => ({ ...by, key })) }));
  assert.equal((await namedRecoveries(c))[0]?.claims.find((by) => by.claimant === newer.c.account)?.doubt?.code, "trust-forged");
  assert.equal(await code(releaseTo(c, mine.claim, newer.c.account)), "trust-forged");

  for (const t of [one, two]) await releaseTo(t.c, mine.claim, newer.c.account);
  await w.forward(9);
  const given: [string, (said: Given) => object, string][] = [
    ["another account", (said) => ({ ...said, account: thief.c.account }), "trust-forged"],
    ["one trustee twice", (said) => ({ ...said, shares: [said.shares[0], said.shares[0]] }), "share-swapped"],
    ["the files swapped", (said) => ({ ...said, shares: said.shares.map((s, i, all) => ({ ...s, share: all[1 - i]?.share })) }), "share-swapped"],
    ["too few", (said) => ({ ...said, shares: [said.shares[0]] }), "false-shares"],
  ];
  for (const [what, lie, want] of given) {
    const there: Client = newer.anew({ fetch: tampering(`/v1/claims/${mine.claim}/shares`, (said) => lie(said as unknown as Given) as Record<string, unknown>) });
    assert.equal(await code(recovered(there, mine.claim, joined)), want, what);
  }
  assert.deepEqual(await recovered(newer.c, mine.claim, joined), her.secret);
});

async function ownKey(of: Somebody) {
  return (await history(of.c)).chain.statements[0] ?? assert.fail("not enrolled");
}

interface Named {
  account: string;
  statement: string;
  share: string;
  claims: { claimant: string; key: string; statement: string }[];
}

interface Given {
  account: string;
  shares: { account: string; share: string }[];
}

test("what is set here is finished at the command line, and the other way round", async () => {
  const words = async (secret: Uint8Array): Promise<string> => (await ask({ op: "spell", secret: secret as Bytes })).words?.["en"] ?? "";
  const [her, newer, one, two] = await people(4);
  assert.ok(her && newer && one && two);
  const [cher, cnewer, cone] = await Promise.all([her, newer, one].map(async (who, i) => w.person(`cross-${String(i)}`, await words(who.secret))));
  assert.ok(cher && cnewer && cone);
  await sets(her, [one, two], { note: "here" });
  const listed = JSON.parse((await cone.run("recovery", "list", "--json")).out) as { recoveries: { recovery: string; note: string }[] };
  assert.equal(listed.recoveries[0]?.note, "here");
  await cnewer.run("recovery", "claim", her.c.account);
  const [mine] = await ownClaims(newer.anew());
  assert.ok(mine);
  await cone.run("recovery", "release", mine.claim, newer.c.account);
  await releaseTo(two.c, mine.claim, newer.c.account);
  await w.forward(9);
  const file = join(w.folder, "back.words");
  await cnewer.run("recovery", "finish", mine.claim, her.c.account, file);
  assert.deepEqual(await secretOf(readFileSync(file, "utf8").trim()), her.secret);
  assert.deepEqual(await recovered(newer.anew(), mine.claim, joined), her.secret);

  await cher.run("recovery", "set", "--trustee", one.c.account, "--trustee", two.c.account, "--threshold", "2", "--wait", "7");
  const third = somebody(w);
  await enrol(third.c, "participant");
  await claim(third.c, her.c.account);
  const [again] = await ownClaims(third.c);
  assert.ok(again);
  for (const t of [one, two]) await releaseTo(t.anew(), again.claim, third.c.account);
  await w.forward(9);
  assert.deepEqual(await recovered(third.c, again.claim, joined), her.secret);
});
