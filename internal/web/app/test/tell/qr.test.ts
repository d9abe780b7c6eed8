// The square on her card, read by a decoder of other people.
import assert from "node:assert/strict";
import { test } from "node:test";
import jsqr from "jsqr";
import { trayLine, trayQr } from "../../src/mine/traycode.ts";
import { most, qr } from "../../src/tell/qr.ts";

const scale = 4;
const quiet = 4;

/** seen is what a camera would see: black on white, four points a module, with a quiet zone. */
function seen(grid: boolean[][]): string | undefined {
  const size = (grid.length + 2 * quiet) * scale;
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

const code = "p3n5zyqk7mtu2d4hsfxa6wblce";
const recipient = `age1pq1${Array.from({ length: 1952 }, (_, i) => "qpzry9x8gf2tvdw0s3jn54khce6mua7l".charAt((i * 7 + (i >> 3)) % 32)).join("")}`;

test("a tray's code is read as it was written, stained too, and is no longer than the square takes", () => {
  const line = trayLine(vault, code, recipient);
  assert.match(line, /^TRAY1\/[0-9A-F]{64}\/[A-Z2-7]{26}\/AGE1PQ1[A-Z0-9]{1952}$/);
  assert.equal(seen(trayQr(line)), line);
  assert.equal(seen(trayQr(line.slice(0, -1))), line.slice(0, -1), "an odd number of letters");
  const stained = trayQr(line).map((row, y) => row.map((dark, x) => (x > 50 && x < 60 && y > 40 && y < 50 ? true : dark)));
  assert.equal(seen(stained), line);
  assert.throws(() => trayQr("A".repeat(2133)), RangeError);
  assert.throws(() => trayQr("a"), RangeError);
});
