// Bech32 as age writes it: held against another implementation at all lengths, and one spelling only.
import assert from "node:assert/strict";
import { test } from "node:test";
import { bech32 } from "@scure/base";
import { fromBech32, toBech32 } from "../../src/core/bech32.ts";
import { noise } from "./oracle.ts";

const theirs = (prefix: string, bytes: Uint8Array) => bech32.encode(prefix, bech32.toWords(bytes), false);

test("every length is written and read as by @scure/base", () => {
  for (const prefix of ["age1pq", "age-secret-key-pq-", "a"]) {
    for (let n = 0; n < 70; n++) {
      const bytes = noise(n);
      const text = toBech32(prefix, bytes);
      assert.equal(text, theirs(prefix, bytes));
      assert.deepEqual(fromBech32(prefix, text), bytes);
    }
  }
});

test("another prefix, letter, case, length or filling is refused", () => {
  const text = toBech32("age1pq", noise(33));
  const swapped = text.slice(0, 20) + (text[20] === "q" ? "p" : "q") + text.slice(21);
  const filled = bech32.encode("age1pq", [31], false); // five bits, which make no byte
  for (const wrong of [swapped, text.toUpperCase(), text.slice(0, -1), text + "q", "age1px" + text.slice(6), text.replace("1pq1", "1pq"), filled, "", "age1pq1", "é".repeat(60)]) {
    assert.throws(() => fromBech32("age1pq", wrong), wrong);
  }
  assert.throws(() => fromBech32("age", text));
});
