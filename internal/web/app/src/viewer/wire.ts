// What the page and the frame of media say to each other, over one port that the page hands to the frame when it has come.
// Both sides read it strictly: the frame shows bytes that anybody may have made, so the page takes nothing from it but numbers
// and words out of lists.

/** How something is shown. */
export const forms = ["picture", "sound", "film"] as const;
export type Form = (typeof forms)[number];

/** Show is the page's first and only order. Bytes come at once, or size says how many can be asked for. */
export interface Show {
  form: Form;
  type: string; // media type, of the lists of kinds.ts
  label: string; // what a screen reader says it is
  language: string;
  direction: string;
  bytes?: ArrayBuffer;
  size?: number;
}

/** Piece answers one Want. Without bytes there are no more, for good. */
export interface Piece {
  id: number;
  bytes?: ArrayBuffer;
}

/** Want asks for the content's bytes from `from` up to `to`. */
export interface Want {
  id: number;
  from: number;
  to: number;
}

/** What the frame tells: that it is shown, that it plays or rests, that it cannot play what it was given, that the bytes it
 *  needed did not come. */
export const tellings = ["shown", "playing", "resting", "cannot", "broken"] as const;
export type Telling = (typeof tellings)[number];

/** largest is the most that one Want may ask for, in bytes. */
export const largest = 4 << 20;

/** readWant reads a Want of a content of so many bytes; undefined is what is none. */
export function readWant(said: unknown, size: number): Want | undefined {
  if (typeof said !== "object" || said === null) return undefined;
  const { id, from, to } = said as Record<string, unknown>;
  if (!natural(id) || !natural(from) || !natural(to)) return undefined;
  return from < to && to <= size && to - from <= largest ? { id, from, to } : undefined;
}

export function readTelling(said: unknown): Telling | undefined {
  return tellings.find((word) => word === said);
}

function natural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
