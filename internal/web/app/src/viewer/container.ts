// What a container of a recording must tell so that it can be played from any place without reading what lies between.

/** A Walk gives what a player is fed, in order, from some moment on. */
export interface Walk {
  /** next gives the next bytes, or undefined at the end. */
  next(): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** A recording that can be played by stretches. */
export interface Recording {
  readonly type: string; // with codecs, as MediaSource wants it
  readonly duration: number; // seconds
  readonly init: Uint8Array<ArrayBuffer>;
  /** from begins at the last place at or before a moment from which a player can begin. */
  from(seconds: number): Promise<Walk>;
}

/** Unsuited says that a container is none of those that can be played by stretches. */
export class Unsuited extends Error {}

/** step is how many bytes are asked for at a time while playing. */
export const step = 512 << 10;
/** glance is how many are asked for to look for a place. */
export const glance = 128 << 10;

/** A place in a recording from which a player can go on, and its moment. */
export interface Place {
  at: number;
  time: number;
}

/** Find gives the first place that begins in a stretch. */
export type Find = (from: number, to: number) => Promise<Place | undefined>;

const enough = 4; // seconds before the moment: what comes too much is little

/** lastBefore finds a place shortly before a moment. end is where the recording ends. It guesses by the time, since what is recorded
 *  evenly lies evenly, and halves where that does not help. It looks a bounded number of times; any earlier place is right as well. */
export async function lastBefore(first: Place, end: Place, moment: number, find: Find): Promise<Place> {
  let [low, high] = [first, end];
  for (let looks = 0; looks < 24 && moment - low.time > enough && high.at - low.at > step; looks++) {
    const share = looks < 6 ? (moment - enough / 2 - low.time) / Math.max(high.time - low.time, 0.001) : 0.5;
    const guess = low.at + 1 + Math.floor((high.at - low.at - 2) * Math.min(Math.max(share, 0), 1));
    const found = await find(guess, high.at);
    if (found !== undefined && found.time <= moment) low = found;
    else high = { at: guess, time: found?.time ?? high.time }; // nothing that is early enough begins behind the guess
  }
  return low;
}

/** lastOf finds the last place, from the end, and reads nothing twice. */
export async function lastOf(first: Place, size: number, find: Find): Promise<Place> {
  let to = size;
  for (let back = 2 * glance; to > first.at; back *= 2) {
    const from = Math.max(first.at, size - back);
    let last = await find(from, to);
    for (let next = last; next !== undefined; next = await find(next.at + 1, to)) last = next;
    if (last !== undefined) return last;
    to = from;
  }
  return first;
}

/** onward walks the bytes of a source as they are. */
export function onward(source: { size: number; read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>> }, from: number): Walk {
  let at = from;
  return {
    async next() {
      if (at >= source.size) return undefined;
      const bytes = await source.read(at, at + step);
      at += bytes.length;
      return bytes;
    },
  };
}
