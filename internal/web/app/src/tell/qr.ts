// QR codes (ISO/IEC 18004) of two sizes, each for one thing, so that there is no table to be wrong in; the tests have another's decoder
// read them, damaged too. What is drawn here is a secret: nothing is kept, and nothing depends on what it says but the picture.

/** A size of square: its version, its level of correction, and how its codewords are dealt out. */
export interface Form {
  readonly version: number;
  readonly level: 0 | 1; // 0 is M: an eighth may be lost; 1 is L: half as much
  readonly blocks: readonly number[]; // of so many codewords of data
  readonly correction: number; // codewords for each block
  readonly centers: readonly number[]; // of the alignment patterns, across and down
}

/** What a card says. */
export const small: Form = { version: 6, level: 0, blocks: [27, 27, 27, 27], correction: 16, centers: [6, 34] };
/** most is how many bytes it holds. */
export const most = 106;

/** sideOf is how many modules a square has across. */
export const sideOf = (form: Form): number => 17 + 4 * form.version;

const mask = 0; // every other module, as on a chessboard: any of the eight is valid, and the code says which it is

/** A module is dark or light; undefined until something stands there. */
type Grid = (boolean | undefined)[][];

/** A number and in how many bits it is written. */
export type Bits = readonly [value: number, length: number];

/** qr draws a text of bytes in the small square: rows of modules, true is dark. */
export function qr(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > most) throw new RangeError("too long for the square");
  return draw(small, [[4, 4], [bytes.length, 8], ...[...bytes].map((byte): Bits => [byte, 8])]);
}

/** draw draws whatever the bits say, with their mode and count before them. */
export function draw(form: Form, bits: readonly Bits[]): boolean[][] {
  const side = sideOf(form);
  const grid: Grid = Array.from({ length: side }, () => Array.from<boolean | undefined>({ length: side }));
  const words = codewords(form, bits);
  patterns(grid, form);
  fill(grid, interleaved(form, words));
  return grid.map((row) => row.map((dark) => dark === true));
}

/** codewords are the bits, an end of up to four zeros, and the filling that the standard names. */
function codewords(form: Form, bits: readonly Bits[]): Uint8Array {
  const out = new Uint8Array(form.blocks.reduce((sum, n) => sum + n, 0));
  let at = 0;
  for (const [value, length] of bits) {
    for (let i = length - 1; i >= 0; i--, at++) {
      if (at >> 3 >= out.length) throw new RangeError("too long for the square");
      out[at >> 3] = (out[at >> 3] ?? 0) | (((value >> i) & 1) << (7 - (at & 7)));
    }
  }
  const end = Math.min((at + 4 + 7) >> 3, out.length);
  for (let i = end; i < out.length; i++) out[i] = (i - end) % 2 === 0 ? 0xec : 0x11;
  return out;
}

/** interleaved takes a codeword of each block in turn, then those of correction, so that a stain harms all a little and none much. */
function interleaved(form: Form, words: Uint8Array): number[] {
  let at = 0;
  const all = form.blocks.map((length) => words.subarray(at, (at += length)));
  const divisor = generator(form.correction);
  const fixes = all.map((block) => remainder(block, divisor));
  const inTurn = (from: readonly ArrayLike<number>[]) => Array.from({ length: Math.max(...from.map((one) => one.length)) }, (_, i) => from.flatMap((one) => one[i] ?? []));
  return [...inTurn(all), ...inTurn(fixes)].flat();
}

/** times multiplies in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(a: number, b: number): number {
  let out = 0;
  for (let bit = 7; bit >= 0; bit--) out = (out << 1) ^ ((out >> 7) * 0x11d) ^ (((b >> bit) & 1) * a);
  return out;
}

/** generator is the product of x - 2^i, without its leading one. */
function generator(correction: number): number[] {
  const out = [...Array.from({ length: correction - 1 }, () => 0), 1];
  for (let i = 0, root = 1; i < correction; i++, root = times(root, 2)) {
    for (let j = 0; j < correction; j++) out[j] = times(out[j] ?? 0, root) ^ (out[j + 1] ?? 0);
  }
  return out;
}

/** remainder is Reed and Solomon's: what is left of a block when it is divided by the generator. */
function remainder(block: Uint8Array, divisor: readonly number[]): number[] {
  const out = divisor.map(() => 0);
  for (const byte of block) {
    const factor = byte ^ (out.shift() ?? 0);
    out.push(0);
    for (const [i, g] of divisor.entries()) out[i] = (out[i] ?? 0) ^ times(g, factor);
  }
  return out;
}

/** patterns are what a reader finds the square by, and the format. */
function patterns(grid: Grid, form: Form): void {
  const side = grid.length;
  for (const [x, y] of [[3, 3], [side - 4, 3], [3, side - 4]] as const) ring(grid, x, y, 4, (far) => far !== 2 && far !== 4);
  const last = form.centers.at(-1) ?? 6;
  for (const x of form.centers) {
    for (const y of form.centers) {
      const corner = (x === 6 && (y === 6 || y === last)) || (y === 6 && x === last);
      if (!corner) ring(grid, x, y, 2, (far) => far !== 1);
    }
  }
  for (let i = 8; i < side - 8; i++) {
    put(grid, i, 6, i % 2 === 0);
    put(grid, 6, i, i % 2 === 0);
  }
  format(grid, form);
  if (form.version >= 7) number(grid, form.version);
}

/** ring draws squares around a module, as far as there is room. */
function ring(grid: Grid, x: number, y: number, reach: number, dark: (far: number) => boolean): void {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) put(grid, x + dx, y + dy, dark(Math.max(Math.abs(dx), Math.abs(dy))));
  }
}

/** checked adds to a number the rest of dividing it, in so many bits. */
function checked(value: number, bits: number, divisor: number): number {
  let rest = value;
  for (let i = 0; i < bits; i++) rest = (rest << 1) ^ ((rest >> (bits - 1)) * divisor);
  return (value << bits) | rest;
}

/** format says level and mask, twice, with a check of its own, and has one module that is always dark. */
function format(grid: Grid, form: Form): void {
  const side = grid.length;
  const bits = checked((form.level << 3) | mask, 10, 0x537) ^ 0x5412;
  const bit = (i: number) => ((bits >> i) & 1) === 1;
  for (let i = 0; i < 15; i++) {
    put(grid, 8, i < 6 ? i : i < 8 ? i + 1 : side - 15 + i, bit(i));
    put(grid, i < 8 ? side - 1 - i : i < 9 ? 7 : 14 - i, 8, bit(i));
  }
  put(grid, 8, side - 8, true);
}

/** number says the version, twice, where a reader could not count the modules. */
function number(grid: Grid, version: number): void {
  const bits = checked(version, 12, 0x1f25);
  for (let i = 0; i < 18; i++) {
    const [near, far, dark] = [Math.floor(i / 3), (i % 3) + grid.length - 11, ((bits >> i) & 1) === 1];
    put(grid, near, far, dark);
    put(grid, far, near, dark);
  }
}

function put(grid: Grid, x: number, y: number, dark: boolean): void {
  const row = grid[y];
  if (row !== undefined && x >= 0 && x < grid.length) row[x] = dark;
}

/** fill goes up and down in columns of two from the right, past the upright line of time, wherever nothing stands yet. */
function fill(grid: Grid, words: readonly number[]): void {
  const side = grid.length;
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
