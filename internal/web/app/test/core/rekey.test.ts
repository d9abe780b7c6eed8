// Changing words against the real server: everything goes on with the new ones, the old ones open nothing, and an attempt whose
// answer was lost is found out and not made twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fromBase64url } from "../../src/core/bytes.ts";
import { apply } from "../../src/core/application.ts";
import { enrol, enrolled } from "../../src/core/enrol.ts";
import { codeOf, Failure } from "../../src/core/failure.ts";
import { give, revoke } from "../../src/core/grants.ts";
import { head } from "../../src/core/history.ts";
import { inbox, openGranted } from "../../src/core/inbox.ts";
import { derive } from "../../src/core/keyring.ts";
import { keysOf } from "../../src/core/keys.ts";
import { newSecret } from "../../src/core/phrase.ts";
import { rekey } from "../../src/core/rekey.ts";
import { endings } from "../../src/core/replies.ts";
import { accredit } from "../../src/core/stewards.ts";
import { createTestimony, listTestimonies, openOwnPart } from "../../src/core/testimonies.ts";
import { aSteward, somebody, written } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";
import { secretOf } from "./secrets.ts";

let w: World;
before(async () => {
  w = await world();
});
after(() => w.stop());

const fresh = () => {
  const secret = newSecret();
  return { secret, keys: keysOf(derive(secret, fromBase64url(w.vault))) };
};

test("what was hers goes on with new words, and readers still know her", async () => {
  const [her, reader, steward] = [somebody(w), somebody(w), aSteward(w, await secretOf(w.steward.words()))];
  await enrol(her.c, "participant");
  await enrol(reader.c, "researcher");
  await enrol(steward.c, "steward");
  await apply(reader.c, "Somebody", "Somewhere", "to listen");
  await accredit(steward.c, reader.c.account, 30);
  const { testimony } = await createTestimony(her.c, { title: "kept", language: "en", warnings: [], parts: [written("one"), written("two")] });
  const { grant } = await give(her.c, { testimony, parts: [1, 2], to: reader.c.account, terms: {} });

  const next = fresh();
  const account = her.c.account;
  const now = await rekey(her.c, next.keys);
  assert.equal(now.account, account);
  const elsewhere = somebody(w, next.secret).c;
  const { list, doubt } = await listTestimonies(elsewhere);
  assert.deepEqual([list[0]?.card?.title, doubt, elsewhere.account], ["kept", undefined, account]);
  assert.equal(await (await openOwnPart(elsewhere, testimony, 2)).content.text(), "two");
  const old = her.anew();
  assert.equal(await enrolled(old), "");
  assert.equal(await listTestimonies(old).then(() => "listed", codeOf), "not-enrolled");

  const [got] = await inbox(reader.c);
  assert.ok(got !== undefined && "from" in got && got.from === account);
  assert.equal(await (await openGranted(reader.c, grant, 1)).content.text(), "one");
  await revoke(elsewhere, testimony, grant);
  const [ended] = await endings(reader.c);
  assert.deepEqual([ended?.act, ended?.from, ended?.doubt], ["revoke", account, undefined]);
});

test("an answer that was lost is found out, and a hidden or stale change is named", async () => {
  const her = somebody(w);
  await enrol(her.c, "participant");
  await createTestimony(her.c, { title: "kept", language: "en", warnings: [], parts: [written("one")] });
  const next = fresh();
  const losing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (new URL(input as string).pathname !== "/v1/rekeys" || !response.ok) return response;
    throw new TypeError("the line broke");
  };
  const c = her.anew({ fetch: losing, pause: () => Promise.resolve() });
  const now = await rekey(c, next.keys);
  assert.equal((await listTestimonies(now)).list.length, 1);
  assert.equal((await rekey(her.anew(), next.keys)).account, now.account, "asking again is safe");

  const seq = (await head(now)).seq;
  const hidden = tampering("/v1/statements", (a) => {
    const shorter = (a["statements"] as Record<string, unknown>[]).slice(0, seq - 2);
    return { ...a, statements: shorter, head: { seq: shorter.length, sha256: shorter.at(-1)?.["sha256"] } };
  });
  const seen = await head(somebody(w, next.secret, { fetch: hidden }).c).catch((error: unknown) => error);
  assert.ok(seen instanceof Failure && seen.code === "chain" && seen.also === "other-words");
});
