// SHA-256 piece by piece against Web Crypto.
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex, type Bytes } from "../../src/core/bytes.ts";
import { running } from "../../src/core/sha256.ts";
import { noise } from "./oracle.ts";

const wanted = async (bytes: Bytes) => hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

test("every length around blocks, in pieces of every size", async () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = noise(length);
    const want = await wanted(bytes);
    for (const piece of [1, 3, 55, 56, 63, 64, 65, 128, 201]) {
      const digest = running();
      for (let at = 0; at < length; at += piece) digest.add(bytes.subarray(at, at + piece));
      assert.equal(digest.at, length);
      assert.equal(hex(digest.sum()), want, `${length} bytes in pieces of ${piece}`);
    }
  }
  const large = noise(3_000_017);
  const digest = running();
  for (let at = 0; at < large.length; at += 65_537) digest.add(large.subarray(at, at + 65_537));
  assert.equal(hex(digest.sum()), await wanted(large));
});

test("a sum ends nothing, and a copy goes its own way", async () => {
  const bytes = noise(1000);
  const digest = running();
  digest.add(bytes.subarray(0, 500));
  assert.equal(hex(digest.sum()), await wanted(bytes.slice(0, 500)));
  const copy = digest.copy();
  copy.add(bytes.subarray(0, 7));
  digest.add(bytes.subarray(500));
  assert.equal(hex(digest.sum()), await wanted(bytes));
  assert.deepEqual([copy.at, digest.at], [507, 1000]);
  assert.notEqual(hex(copy.sum()), hex(digest.sum()));
});
