// A name in a sentence that she signs cannot turn the sentence around.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isolated } from "../../src/ui/isolated.ts";

/** ends is the place where a text leaves the isolation that its first mark began. */
function ends(text: string): number {
  let open = 0;
  for (const [at, mark] of [...text].entries()) {
    if (/[\u2066-\u2068]/.test(mark)) open++;
    if (mark === "\u2069" && --open === 0) return at;
  }
  return -1;
}

test("whatever a name holds, its isolation ends where the name ends", () => {
  const names = ["Leyla", "", "ليلى", "Leyla\u2069\u202e Haddad", "\u2066\u2066Leyla", "\u2069\u2069\u2068", "a\u2067b\u2069c\u2069d", "\u202eLeyla", isolated("Leyla") + " and " + isolated("ليلى")];
  for (const name of names) {
    const text = isolated(name);
    assert.equal(ends(text), [...text].length - 1, JSON.stringify(name));
  }
  assert.equal(isolated("Leyla"), "\u2068Leyla\u2069");
  assert.equal(isolated(isolated("Leyla")), "\u2068\u2068Leyla\u2069\u2069");
});
