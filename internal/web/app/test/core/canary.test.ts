// Stewards' words that no secret demand came, made by the command line client and judged here: fresh to the last second, then
// stale, and nobody else's counts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fromBase64url } from "../../src/core/bytes.ts";
import { canary, judge } from "../../src/core/canary.ts";
import { compact } from "../../src/core/jws.ts";
import { stewards, type Verified } from "../../src/core/roster.ts";
import { aSteward, somebody, type Somebody } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";
import { secretOf } from "./secrets.ts";

const day = 86_400;
let w: World;
let [her, steward]: Somebody[] = [];
let now: Verified;
let word: string;

before(async () => {
  w = await world();
  [her, steward] = [somebody(w), aSteward(w, await secretOf(w.steward.words()))];
  await w.steward.run("steward", "join");
  word = (await w.steward.run("steward", "canary", "--days", "7")).out.trim();
  ({ now } = await stewards(her.c));
});
after(() => w.stop());

async function signed(who: Somebody, change: object): Promise<string> {
  const today = Math.floor(Date.now() / 1000 / day) * day;
  const claims = { iss: who.c.account, aud: w.vault, day: today, until: today + 7 * day, says: "no-secret-demand", ...change };
  return compact({ alg: "EdDSA", typ: "tv-canary+jwt", kid: who.c.account }, claims, async (bytes) => who.c.keys?.sign(bytes) ?? assert.fail());
}

test("a word of the command line lasts until its end", () => {
  const { until } = JSON.parse(new TextDecoder().decode(fromBase64url(word.split(".")[1] ?? ""))) as { until: number };
  assert.deepEqual(judge([word], now, w.vault, until - 1), { fresh: 1, silent: [], refused: 0 });
  assert.deepEqual(judge([word], now, w.vault, until), { fresh: 0, silent: [{ name: [...now.names.values()][0], until }], refused: 0 });
  assert.deepEqual(judge([], now, w.vault, until), { fresh: 0, silent: [], refused: 0 });
});

test("what no steward of this vault said counts nothing", async () => {
  assert.ok(her && steward);
  const at = Math.floor(Date.now() / 1000);
  const today = Math.floor(at / day) * day;
  assert.equal(judge([await signed(steward, {})], now, w.vault, at).fresh, 1, "the word that all others differ from");
  const others: Record<string, string> = {
    "hers": await signed(her, {}),
    "hers with the steward's name": await signed(her, { iss: steward.c.account }),
    "of another vault": await signed(steward, { aud: "A".repeat(43) }),
    "of another sentence": await signed(steward, { says: "all-is-well" }),
    "for longer than a year": await signed(steward, { until: today + 400 * day }),
    "that has ended before it began": await signed(steward, { until: today }),
    "of a week to come": await signed(steward, { day: today + 7 * day, until: today + 8 * day }),
    "with an hour": await signed(steward, { day: today + 3600 }),
    "cut": word.slice(0, -2),
    "nothing at all": "no-secret-demand",
  };
  for (const [name, text] of Object.entries(others)) {
    assert.deepEqual(judge([text], now, w.vault, at), { fresh: 0, silent: [], refused: 1 }, name);
  }
});

test("a vault that sets its clock back makes no word fresh again", async () => {
  assert.ok(her && steward);
  const today = Math.floor(Date.now() / 1000 / day) * day;
  const old = await signed(steward, { day: today - 30 * day, until: today - 7 * day });
  const lies = tampering("/v1/vault", (said) => ({ ...said, canary: [old], time: today - 20 * day }));
  const seen = await canary(somebody(w, her.secret, { fetch: lies }).c);
  assert.deepEqual([seen.fresh, seen.silent.length], [0, 1]);
});
