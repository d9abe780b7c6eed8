// Shares: api/vectors/shamir.json and shamir-npm.json, and what does not belong together.
import assert from "node:assert/strict";
import { test } from "node:test";
import { base64url, fromHex, hex, utf8, type Bytes } from "../../src/core/bytes.ts";
import { sha256 } from "../../src/core/digest.ts";
import { is } from "../../src/core/failure.ts";
import { derive } from "../../src/core/keyring.ts";
import { combine, multiply, split } from "../../src/core/shamir.ts";
import { joinShared, makeShared, openShare, sealShare } from "../../src/core/sharedkey.ts";
import { noise, vectors } from "./oracle.ts";

interface Vector {
  secret_hex: string;
  threshold: number;
  shares_hex: string[];
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const falseShares = (error: unknown) => is(error, "false-shares");

for (const file of ["shamir.json", "shamir-npm.json"]) {
  test(`the shares of ${file} give their secrets`, () => {
    for (const v of vectors<Vector[]>(file)) {
      const shares = v.shares_hex.map(fromHex);
      assert.equal(hex(combine(shares)), v.secret_hex);
      assert.equal(hex(combine(shares.slice(0, v.threshold))), v.secret_hex);
      assert.equal(hex(combine(shares.slice(-v.threshold).reverse())), v.secret_hex);
    }
  });
}

test("threshold shares give the secret back, fewer do not", () => {
  const secret = noise(32);
  for (const [n, threshold] of [[2, 2], [3, 2], [5, 3], [32, 20], [255, 255]] as const) {
    const shares = split(secret, n, threshold, random);
    assert.equal(new Set(shares.map((share) => share.at(-1))).size, n);
    assert.deepEqual(combine(shares.slice(n - threshold)), secret);
    if (threshold > 2) assert.notDeepEqual(combine(shares.slice(0, threshold - 1)), secret);
  }
});

test("the field's multiplication has inverses and distributes", () => {
  assert.equal(multiply(0x53, 0xca), 1);
  for (let a = 0; a < 256; a += 5) {
    for (let b = 0; b < 256; b += 3) {
      assert.equal(multiply(a, b), multiply(b, a));
      assert.equal(multiply(a, b ^ 0x35), multiply(a, b) ^ multiply(a, 0x35));
    }
  }
});

test("shares that cannot belong together are refused", () => {
  const [a, b] = split(noise(32), 2, 2, random) as [Bytes, Bytes];
  for (const bad of [[], [a], [a, a], [a, b.slice(1)], [a, b.with(32, 0)], [a.slice(32), b.slice(32)]]) assert.throws(() => combine(bad), falseShares);
  for (const [n, threshold] of [[1, 1], [2, 3], [256, 2], [3, 1]] as const) assert.throws(() => split(noise(32), n, threshold, random));
});

test("a shared key is made again only if it is the one that was signed for", () => {
  const { recipient, shares } = makeShared(4, 3);
  const digest = base64url(sha256(utf8(recipient)));
  assert.equal(joinShared(shares.slice(1), digest).length, 32);
  assert.throws(() => joinShared(shares.slice(2), digest), falseShares);
  assert.throws(() => joinShared(shares, base64url(noise(32))), falseShares);
});

test("a file with a share is as long as a card and holds nothing else", () => {
  const keys = derive(noise(16), noise(32));
  const card = { share: noise(33), threshold: 2, of: 3, note: "إذا صمتُّ" };
  const file = sealShare(card, keys.recipient);
  assert.equal(file.length, 1627 + 16 + 1024 + 16);
  assert.deepEqual(openShare(file, keys.seed), card);
  assert.throws(() => openShare(file.slice(1), keys.seed), (error) => is(error, "share-swapped", "part-swapped"));
  for (const bad of [{ ...card, note: "x".repeat(1000) }, { ...card, threshold: 4 }, { ...card, threshold: 1 }, { ...card, share: noise(1) }, { ...card, note: "\n" }]) {
    assert.throws(() => sealShare(bad, keys.recipient), (error) => is(error, "refused"));
  }
});
