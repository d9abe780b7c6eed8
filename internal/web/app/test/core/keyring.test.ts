// From a secret to keys: api/vectors/keyring.json, every value in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, fromHex, hex, utf8 } from "../../src/core/bytes.ts";
import { identityOf } from "../../src/core/hybrid.ts";
import { derive, saltOf, steward } from "../../src/core/keyring.ts";
import { vectors } from "./oracle.ts";

type Vector = Record<
  "secret_hex" | "vault_id" | "context_hex" | "salt_hex" | "age_seed_hex" | "age_identity" | "age_recipient" | "ed25519_public" | "thumbprint" | "message" | "signature",
  string
>;

const list = vectors<Vector[]>("keyring.json");

test("a secret has in each vault the keys that the vectors name", () => {
  assert.ok(list.length >= 6);
  for (const v of list) {
    const context = v.vault_id === "" ? steward : fromBase64url(v.vault_id);
    assert.equal(hex(context), v.context_hex);
    assert.equal(hex(saltOf(context)), v.salt_hex);
    const keys = derive(fromHex(v.secret_hex), context);
    assert.equal(hex(keys.seed), v.age_seed_hex);
    assert.equal(identityOf(keys.seed), v.age_identity);
    assert.equal(keys.recipient, v.age_recipient);
    assert.deepEqual(keys.publicKey, fromBase64url(v.ed25519_public));
    assert.equal(keys.thumbprint, v.thumbprint);
    assert.deepEqual(keys.sign(utf8(v.message)), fromBase64url(v.signature));
  }
});

test("wiped keys are zeros and sign nothing that verifies", () => {
  const keys = derive(new Uint8Array(16).fill(7), new Uint8Array(32));
  const before = keys.sign(utf8("x"));
  keys.wipe();
  assert.equal(hex(keys.seed), "00".repeat(32));
  assert.notDeepEqual(keys.sign(utf8("x")), before);
});

test("secrets and contexts of another length make no keys", () => {
  for (const length of [0, 15, 17, 32]) assert.throws(() => derive(new Uint8Array(length), new Uint8Array(32)));
  for (const length of [0, 16, 31, 33]) assert.throws(() => derive(new Uint8Array(16), new Uint8Array(length)));
});
