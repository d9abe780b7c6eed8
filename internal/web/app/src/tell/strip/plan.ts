// A cleaned file is put together from stretches of the one it was made from, fixed bytes,
// and zeros: nothing is decoded or encoded, and a film of gigabytes is not copied, because
// slices of a Blob are not. In Go: internal/cleanup, whose rules these are.

import type { Bytes } from "../../core/bytes.ts";
import type { Found, Trace } from "./found.ts";
import { note } from "./found.ts";

/** Broken is a file that is not whole, or not what it begins as; Inside one in which something would stay. */
export type Refused = "broken" | "inside";

export class Stop extends Error {
  readonly why: Refused;
  constructor(why: Refused) {
    super(why);
    this.why = why;
  }
}

const window = 1 << 18;
const maxSteps = 1 << 21; // an hour of frames of ten milliseconds, four times over
const maxPieces = 1 << 16;

type Piece = { from: number; to: number } | { bytes: Bytes } | { zeros: number };

export interface Plan {
  readonly blob: Blob;
  readonly size: number;
  readonly found: Found[];
  at: number; // everything before it has been decided
  steps: number;
  pieces: Piece[];
  cache: { at: number; bytes: Bytes };
}

export function newPlan(blob: Blob): Plan {
  return { blob, size: blob.size, found: [], at: 0, steps: 0, pieces: [], cache: { at: 0, bytes: new Uint8Array(0) } };
}

/** step counts a block; every loop over a file takes one, so every file has an end. */
export function step(p: Plan): void {
  if (++p.steps > maxSteps || p.pieces.length > maxPieces) throw new Stop("inside");
}

export function noteIn(p: Plan, trace: Trace, value = ""): void {
  note(p.found, trace, value);
}

/** read gives n bytes at a place; a file that ends before is broken. */
export async function read(p: Plan, at: number, n: number): Promise<Bytes> {
  if (at < 0 || n < 0 || at + n > p.size) throw new Stop("broken");
  const { cache } = p;
  if (at >= cache.at && at + n <= cache.at + cache.bytes.length) return cache.bytes.subarray(at - cache.at, at - cache.at + n);
  const bytes = new Uint8Array(await p.blob.slice(at, Math.min(p.size, at + Math.max(n, window))).arrayBuffer());
  if (bytes.length < n) throw new Stop("broken");
  p.cache = { at, bytes };
  return bytes.subarray(0, n);
}

/** keep takes a stretch, joined to the one before where they touch. */
export function keep(p: Plan, from: number, to: number): void {
  if (from >= to) return;
  const last = p.pieces.at(-1);
  if (last && "to" in last && last.to === from) last.to = to;
  else p.pieces.push({ from, to });
}

export function write(p: Plan, bytes: Bytes): void {
  if (bytes.length > 0) p.pieces.push({ bytes });
}

/** replace keeps all up to from, and puts as many bytes as lie up to to: fixed ones, then zeros. What is behind stays where it was. */
export function replace(p: Plan, from: number, to: number, fixed: Bytes = new Uint8Array(0)): void {
  if (from < p.at || to < from + fixed.length || to > p.size) throw new Stop("broken");
  keep(p, p.at, from);
  write(p, fixed);
  const zeros = to - from - fixed.length;
  if (zeros > 0) p.pieces.push({ zeros });
  p.at = to;
}

/** rest keeps what is left. */
export function rest(p: Plan): void {
  keep(p, p.at, p.size);
  p.at = p.size;
}

const block = new Uint8Array(1 << 16);

/** result is the cleaned file. */
export function result(p: Plan): Blob {
  const parts = p.pieces.flatMap((piece): BlobPart[] => {
    if ("bytes" in piece) return [piece.bytes];
    if ("to" in piece) return [p.blob.slice(piece.from, piece.to)];
    const whole = Math.floor(piece.zeros / block.length);
    return [...Array.from({ length: whole }, () => block), block.slice(0, piece.zeros % block.length)];
  });
  return new Blob(parts, { type: p.blob.type });
}

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
