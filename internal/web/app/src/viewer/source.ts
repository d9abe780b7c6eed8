// The content as the frame sees it: bytes at any place, asked for over the port. What was asked for last is kept, since the ends of
// what is read overlap.
import { largest, type Piece, type Want } from "./wire.ts";

export interface Source {
  readonly size: number;
  /** read gives the bytes from `from` up to `to`, fewer at the end of the content; it throws Ended when there are no more. */
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Ended says that the page gives no more: it was taken back, or the line is gone. */
export class Ended extends Error {}

const kept = 8;

/** over reads a content of so many bytes over a port. */
export function over(port: MessagePort, size: number): Source {
  const waiting = new Map<number, (piece: Piece) => void>();
  const recent: { from: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
  let count = 0;
  port.addEventListener("message", (event: MessageEvent<unknown>) => {
    const piece = event.data as Piece;
    waiting.get(piece.id)?.(piece);
    waiting.delete(piece.id);
  });
  const ask = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
    const id = ++count;
    const piece = await new Promise<Piece>((resolve) => {
      waiting.set(id, resolve);
      port.postMessage({ id, from, to } satisfies Want);
    });
    if (piece.bytes === undefined) throw new Ended();
    const bytes = new Uint8Array(piece.bytes);
    recent.unshift({ from, bytes });
    recent.length = Math.min(recent.length, kept);
    return bytes;
  };
  return {
    size,
    read: async (from, until) => {
      const to = Math.min(until, size, from + largest);
      if (from >= to) return new Uint8Array(0);
      const there = recent.find((one) => one.from <= from && one.from + one.bytes.length >= to);
      return there ? there.bytes.slice(from - there.from, to - there.from) : ask(from, to);
    },
  };
}
