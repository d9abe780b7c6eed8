// The spellings of bytes: what Node writes is read, and everything that is a second spelling is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as b from "../../src/core/bytes.ts";

const sample = (n: number) => Uint8Array.from({ length: n }, (_, i) => (i * 151 + n * 7) & 255);

test("base64url and hex are Node's, in both directions, at every length", () => {
  for (let n = 0; n < 70; n++) {
    const bytes = sample(n);
    assert.equal(b.base64url(bytes), Buffer.from(bytes).toString("base64url"));
    assert.deepEqual(b.fromBase64url(b.base64url(bytes)), bytes);
    assert.equal(b.hex(bytes), Buffer.from(bytes).toString("hex"));
    assert.deepEqual(b.fromHex(b.hex(bytes)), bytes);
  }
});

test("a second spelling of the same bytes is refused", () => {
  for (const wrong of ["A", "AA=", "AA==", "AB", "AAB", "A A", "AA\n", "A+", "A/", "é", "AAAAA"]) {
    assert.throws(() => b.fromBase64url(wrong), /not base64url/, wrong);
  }
  for (const wrong of ["a", "0G", "AB", "0x", " 00"]) assert.throws(() => b.fromHex(wrong), /not lower-case/, wrong);
});

test("texts are UTF-8 or nothing", () => {
  for (const text of ["", "notes", "ملاحظات", "تێبینی", "\u{1f54a}", "\ufeffx"]) {
    assert.deepEqual(b.utf8(text), Uint8Array.from(Buffer.from(text)));
    assert.equal(b.text(b.utf8(text)), text);
  }
  assert.throws(() => b.utf8("\ud800"), /not valid Unicode/);
  assert.throws(() => b.text(Uint8Array.of(0xc3, 0x28)));
});

test("bytes are joined, compared, counted and wiped", () => {
  assert.deepEqual(b.concat(sample(3), sample(0), sample(5)), Uint8Array.from([...sample(3), ...sample(5)]));
  assert.ok(b.equal(sample(9), sample(9)));
  assert.ok(!b.equal(sample(9), sample(8)));
  for (let i = 0; i < 9; i++) {
    const other = sample(9);
    other[i] = (other[i] ?? 0) ^ 1;
    assert.ok(!b.equal(sample(9), other));
  }
  assert.equal(b.hex(b.uint64be(0)), "0000000000000000");
  assert.equal(b.hex(b.uint64be(2 ** 53 - 1)), "001fffffffffffff");
  for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN]) assert.throws(() => b.uint64be(wrong), /whole number/);
  const [one, two] = [sample(4), sample(6)];
  b.wipe(one, two);
  assert.deepEqual([...one, ...two], Array.from({ length: 10 }, () => 0));
});
