// The keys with which a vault signs its receipts: those that the vectors believe are believed and no others, and a vault that shows
// keys which do not follow from what is known is not sent anything.
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { after, before, test } from "node:test";
import { base64url, fromBase64url } from "../../src/core/bytes.ts";
import { enrol } from "../../src/core/enrol.ts";
import { codeOf } from "../../src/core/failure.ts";
import { believed, chainShape } from "../../src/core/receiptkeys.ts";
import { createTestimony, listTestimonies } from "../../src/core/testimonies.ts";
import { vault } from "../../src/core/vault.ts";
import { somebody, written, type Somebody } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";
import { vectors } from "./oracle.ts";

type Json = Record<string, unknown>;
interface Case {
  case: string;
  kept: string;
  receipt_keys: string[];
  receipt_chain: unknown[] | null;
  believed: string[] | null;
}

let w: World;
let her: Somebody;

before(async () => {
  w = await world();
  her = somebody(w);
  await enrol(her.c, "participant");
});
after(() => w.stop());

test("receipt keys are believed as the vectors say", () => {
  const cases = vectors<Case[]>("receiptkeys.json");
  assert.ok(cases.length > 20);
  for (const one of cases) {
    const shown = { receipt_keys: one.receipt_keys.map(fromBase64url), receipt_chain: chainShape(one.receipt_chain ?? []) };
    let got: string[] | string;
    try {
      got = believed(one.kept === "" ? undefined : fromBase64url(one.kept), shown).map(base64url);
    } catch (error) {
      got = codeOf(error);
    }
    assert.deepEqual(got, one.believed ?? "receipt-keys", one.case);
  }
});

/** aKey is one of nobody's: its name, and how it signs for the next. */
function aKey() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const name = publicKey.export({ format: "jwk" }).x ?? assert.fail();
  const vouch = (before: string, key: string, from: number) => {
    const text = `testimony-vault/v1/receipt-key\n${before}\n${key}\n${new Date(from * 1000).toISOString().replace(".000", "")}\n`;
    return { key, from, before, signature: sign(null, Buffer.from(text), privateKey).toString("base64url") };
  };
  return { name, vouch };
}

test("a vault whose keys do not follow from the noted one is refused before anything is signed or sent", async () => {
  const [real = assert.fail()] = (await vault(her.anew())).receipt_keys;
  const [thief, another] = [aKey(), aKey()];
  const lies: Record<string, { keys: string[]; chain?: object[]; unnoted: string }> = {
    "his key in place of the vault's": { keys: [thief.name], unnoted: "done" },
    "a chain that begins with his key": { keys: [another.name, thief.name], chain: [thief.vouch(thief.name, another.name, 1)], unnoted: "done" },
    "his key, as if the vault's had signed for it": { keys: [thief.name, base64url(real)], chain: [thief.vouch(base64url(real), thief.name, 1)], unnoted: "receipt-keys" },
    "the vault's key, as if it followed from his and from another": {
      keys: [base64url(real), thief.name, another.name], unnoted: "receipt-keys",
      chain: [thief.vouch(thief.name, base64url(real), 1), another.vouch(another.name, base64url(real), 1)],
    },
    "a link to a key that is not shown": { keys: [thief.name], chain: [thief.vouch(thief.name, another.name, 1)], unnoted: "receipt-keys" },
  };
  for (const [name, lie] of Object.entries(lies)) {
    const sent: string[] = [];
    const changed = tampering("/v1/vault", (a: Json) => ({ ...a, receipt_keys: lie.keys, receipt_chain: lie.chain }));
    const fetch: typeof globalThis.fetch = (input, init) => {
      sent.push(init?.method ?? "GET");
      return changed(input, init);
    };
    const noted = her.anew({ fetch, receiptKey: real });
    assert.equal(await vault(noted).then(() => "done", codeOf), "receipt-keys", name);
    const tell = createTestimony(noted, { title: "", language: "en", warnings: [], parts: [written("what he wants")] });
    assert.equal(await tell.then(() => "done", codeOf), "receipt-keys", name);
    assert.deepEqual(sent.filter((method) => method !== "GET"), [], `${name}: something was sent`);
    assert.equal(await vault(her.anew({ fetch })).then(() => "done", codeOf), lie.unnoted, name);
  }
  assert.deepEqual((await listTestimonies(her.anew())).list, []);
});

test("a receipt of a key that is not in the chain of the noted one is none", async () => {
  const [real = assert.fail()] = (await vault(her.anew())).receipt_keys;
  const thief = aKey();
  const lying = tampering("/v1/vault", (a: Json) => ({ ...a, receipt_keys: [thief.name, base64url(real)] }));
  const { receipt_keys: keys } = await vault(her.anew({ fetch: lying, receiptKey: real }));
  assert.deepEqual(keys, [real], "only what follows from the noted key is believed");
});

test("a vault that changes its key while she is there is not believed, and one that rotates is", async () => {
  const [one, two, stranger] = [aKey(), aKey(), aKey()];
  let now: Json = { receipt_keys: [one.name] };
  const c = her.anew({ fetch: tampering("/v1/vault", (a: Json) => ({ ...a, ...now })) });
  const known = () => c.info?.receipt_keys.map(base64url);
  await vault(c);
  now = { receipt_keys: [stranger.name] };
  assert.equal(await vault(c).then(() => "done", codeOf), "receipt-keys");
  assert.deepEqual(known(), [one.name], "what was known before stays");
  now = { receipt_keys: [two.name, one.name], receipt_chain: [one.vouch(one.name, two.name, 1_800_000_000)] };
  await vault(c);
  assert.deepEqual(known(), [two.name, one.name]);
});
