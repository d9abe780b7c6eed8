// The square on her card, read by a decoder of other people.
import assert from "node:assert/strict";
import { test } from "node:test";
import jsqr from "jsqr";
import { most, qr, side } from "../../src/tell/qr.ts";

const scale = 4;
const quiet = 4;

/** seen is what a camera would see: black on white, four points a module, with a quiet zone. */
function seen(grid: boolean[][]): string | undefined {
  const size = (side + 2 * quiet) * scale;
  const points = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const dark = grid[Math.floor(y / scale) - quiet]?.[Math.floor(x / scale) - quiet] === true;
      if (dark) points.fill(0, (y * size + x) * 4, (y * size + x) * 4 + 3);
    }
  }
  return read(points, size, size)?.data;
}

// The package says that it is a module with a default, and node sees what is around it.
const read = (jsqr as unknown as { default?: typeof jsqr }).default ?? jsqr;

const vault = "4vWyxO9k1yzTUZt_gk3FAjUV5l5oEGZuJzWNlA-8vXQ";
const digits = "12345 67890 11213 14151 61718 19202 12223 24257";

test("a card is read as it was written, at every length that fits", () => {
  assert.equal(seen(qr(`${vault}\n${digits}`)), `${vault}\n${digits}`);
  for (let length = 1; length <= most; length++) {
    const text = Array.from({ length }, (_, i) => String.fromCharCode(33 + ((i * 37 + length * 11) % 90))).join("");
    assert.equal(seen(qr(text)), text, `${String(length)} bytes`);
  }
  assert.throws(() => qr("x".repeat(most + 1)), RangeError);
});

test("a card with a stain is read as well, and one that is torn is not read as another", () => {
  const text = `${vault}\n${digits}`;
  const stained = qr(text).map((row, y) => row.map((dark, x) => (x > 14 && x < 23 && y > 18 && y < 27 ? true : dark)));
  assert.equal(seen(stained), text);
  const torn = qr(text).map((row, y) => row.map((dark) => (y > 10 && y < 30 ? false : dark)));
  assert.ok([undefined, ""].includes(seen(torn)));
});
