// Drafts: what she is making, sealed to her public key piece by piece, so that a crash
// loses five seconds at most and the phone cannot read back what it keeps. Each piece is
// an age file of its own, padded, made in the worker by the public key alone; only her
// words open it again. The pieces carry their own order inside: who can write to the
// shelf can lose pieces, not rearrange them unnoticed.

import { text, utf8, type Bytes } from "../core/bytes.ts";
import type { Account } from "../ui/account.ts";
import type { Shelf } from "./shelf.ts";

/** What one piece says of itself. */
export interface Piece {
  readonly of: string; // "state", or a content: "3b" is part 3's, "3o" its original
  readonly index: number;
  readonly json?: unknown;
}

const headSize = 512;

/** sealPiece seals one piece. Its length tells no more than a multiple of 4 KiB. */
export async function sealPiece(a: Account, piece: Piece, bytes: Bytes): Promise<Bytes> {
  const head = utf8(JSON.stringify({ ...piece, length: bytes.length }));
  const room = new Uint8Array(Math.ceil((head.length + bytes.length + 1) / 4096) * 4096);
  room.set(head);
  room[head.length] = 0x0a;
  room.set(bytes, head.length + 1);
  return a.worker.sealFor(a.keys.recipient, room);
}

/** openPiece reads one; undefined for what these words do not open. */
export async function openPiece(a: Account, sealed: Bytes): Promise<{ piece: Piece; bytes: Bytes } | undefined> {
  try {
    const plain = await a.keys.openOwn(sealed);
    const at = plain.indexOf(0x0a);
    if (at < 0 || at > headSize) return undefined;
    const { length, ...piece } = JSON.parse(text(plain.subarray(0, at))) as Piece & { length: number };
    return { piece, bytes: plain.slice(at + 1, at + 1 + length) };
  } catch {
    return undefined; // of other words, or torn: the rest is still hers
  }
}

/** What lies on a shelf and these words open: contents by name, and where their pieces lie. */
export interface Found {
  readonly contents: Map<string, Bytes[]>;
  readonly places: number[];
}

/** openAll opens what these words open. */
export async function openAll(a: Account, shelf: Shelf): Promise<Found> {
  const found = new Map<string, { index: number; bytes: Bytes }[]>();
  const places: number[] = [];
  for (const { at, sealed } of await shelf.all()) {
    const opened = await openPiece(a, sealed);
    if (!opened) continue;
    places.push(at);
    const list = found.get(opened.piece.of) ?? [];
    list.push({ index: opened.piece.index, bytes: opened.bytes });
    found.set(opened.piece.of, list);
  }
  return { contents: new Map([...found].map(([of, list]) => [of, inOrder(list)])), places };
}

/** inOrder ends where a piece is missing: what follows would not be what she said. */
function inOrder(list: { index: number; bytes: Bytes }[]): Bytes[] {
  const sorted = list.sort((x, y) => x.index - y.index);
  const whole = sorted.findIndex((p, i) => p.index !== i);
  return (whole < 0 ? sorted : sorted.slice(0, whole)).map((p) => p.bytes);
}

