// A QR code (ISO/IEC 18004) of one size: version 6, 41 modules a side, level M, bytes. It holds 106 bytes, which is what a card says, and
// can be read with an eighth of it lost. One size only, so that there is no table to be wrong in; the tests have another's decoder
// read it, damaged too. What is drawn here is a secret: nothing is kept, and nothing depends on what it says but the picture.
export const side = 41;
export const most = 106; // bytes

const blocks = 4; // of 27 codewords, each with 16 for correction
const data = 27;
const correction = 16;
const center = 34; // of the one alignment pattern
const mask = 0; // every other module, as on a chessboard: any of the eight is valid, and the code says which it is

/** A module is dark or light; undefined until something stands there. */
type Grid = (boolean | undefined)[][];

/** qr draws a text: rows of modules, true is dark. */
export function qr(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > most) throw new RangeError("too long for the square");
  const grid: Grid = Array.from({ length: side }, () => Array.from<boolean | undefined>({ length: side }));
  patterns(grid);
  fill(grid, interleaved(codewords(bytes)));
  return grid.map((row) => row.map((dark) => dark === true));
}

/** codewords are mode, length and bytes, shifted by half a byte, and the filling that the standard names. */
function codewords(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(blocks * data);
  const nibbles = [4, bytes.length >> 4, bytes.length & 15, ...[...bytes].flatMap((byte) => [byte >> 4, byte & 15]), 0];
  for (const [i, nibble] of nibbles.entries()) out[i >> 1] = (out[i >> 1] ?? 0) | (nibble << (i % 2 === 0 ? 4 : 0));
  const end = nibbles.length >> 1;
  for (let i = end; i < out.length; i++) out[i] = (i - end) % 2 === 0 ? 0xec : 0x11;
  return out;
}

/** interleaved takes a codeword of each block in turn, then those of correction, so that a stain harms all a little and none much. */
function interleaved(words: Uint8Array): number[] {
  const all = Array.from({ length: blocks }, (_, i) => words.subarray(i * data, (i + 1) * data));
  const fixes = all.map(remainder);
  const inTurn = (from: ArrayLike<number>[], length: number) => Array.from({ length: length * blocks }, (_, i) => from[i % blocks]?.[Math.floor(i / blocks)] ?? 0);
  return [...inTurn(all, data), ...inTurn(fixes, correction)];
}

/** times multiplies in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let out = 0;
  for (let bit = 7; bit >= 0; bit--) out = (out << 1) ^ ((out >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  return out;
}

/** generator is the product of x - 2^i, without its leading one. */
const generator = ((): number[] => {
  const out = [...Array.from({ length: correction - 1 }, () => 0), 1];
  for (let i = 0, root = 1; i < correction; i++, root = times(root, 2)) {
    for (let j = 0; j < correction; j++) out[j] = times(out[j] ?? 0, root) ^ (out[j + 1] ?? 0);
  }
  return out;
})();

/** remainder is Reed and Solomon's: what is left of a block when it is divided by the generator. */
function remainder(block: Uint8Array): number[] {
  const out = Array.from({ length: correction }, () => 0);
  for (const byte of block) {
    const factor = byte ^ (out.shift() ?? 0);
    out.push(0);
    for (const [i, g] of generator.entries()) out[i] = (out[i] ?? 0) ^ times(g, factor);
  }
  return out;
}

/** patterns are what a reader finds the square by, and the format. */
function patterns(grid: Grid): void {
  for (const [x, y] of [[3, 3], [side - 4, 3], [3, side - 4]] as const) ring(grid, x, y, 4, (far) => far !== 2 && far !== 4);
  ring(grid, center, center, 2, (far) => far !== 1);
  for (let i = 8; i < side - 8; i++) {
    put(grid, i, 6, i % 2 === 0);
    put(grid, 6, i, i % 2 === 0);
  }
  format(grid);
}

/** ring draws squares around a module, as far as there is room. */
function ring(grid: Grid, x: number, y: number, reach: number, dark: (far: number) => boolean): void {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) put(grid, x + dx, y + dy, dark(Math.max(Math.abs(dx), Math.abs(dy))));
  }
}

/** format says level (M is 0) and mask, twice, with a check of its own, and has one module that is always dark. */
function format(grid: Grid): void {
  let rest = mask;
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const bit = (i: number) => ((bits >> i) & 1) === 1;
  for (let i = 0; i < 15; i++) {
    put(grid, 8, i < 6 ? i : i < 8 ? i + 1 : side - 15 + i, bit(i));
    put(grid, i < 8 ? side - 1 - i : i < 9 ? 7 : 14 - i, 8, bit(i));
  }
  put(grid, 8, side - 8, true);
}

function put(grid: Grid, x: number, y: number, dark: boolean): void {
  const row = grid[y];
  if (row !== undefined && x >= 0 && x < side) row[x] = dark;
}

/** fill goes up and down in columns of two from the right, past the upright line of time, wherever nothing stands yet. */
function fill(grid: Grid, words: readonly number[]): void {
  let at = 0;
  for (let right = side - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let i = 0; i < side; i++) {
      const y = up ? side - 1 - i : i;
      for (const x of [right, right - 1]) {
        if (grid[y]?.[x] !== undefined) continue;
        const dark = (((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1) === 1;
        at++;
        put(grid, x, y, dark !== ((x + y) % 2 === 0));
      }
    }
  }
}
