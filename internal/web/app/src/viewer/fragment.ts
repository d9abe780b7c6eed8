// Fragments made of a plain MP4 (ISO/IEC 14496-12, section 8.8): its table without samples as the beginning, then for each two
// seconds a moof, which says what the samples are, and an mdat with the samples themselves, as they stand in the file.
import { box, down, inside, joined, words, type Box } from "./boxes.ts";
import { Unsuited } from "./container.ts";
import type { Samples, Track } from "./samples.ts";
import type { Source } from "./source.ts";

const length = 2; // seconds
const near = 64 << 10; // samples that are so close to each other are read in one

export interface Table {
  track: Track;
  samples: Samples;
}

/** A Run is the first sample of each track that is still to be given. */
export type Run = number[];

/** initOf is the table without its samples, for the tracks that are played. */
export function initOf(moov: Uint8Array, whole: Box, tracks: readonly Track[]): Uint8Array<ArrayBuffer> {
  const empty = (type: string, zeros: number): Uint8Array => box(type, words(...new Array<number>(zeros).fill(0)));
  const rebuilt = (b: Box): Uint8Array => {
    if (b.type === "stbl") return box("stbl", kept(moov, b, "stsd"), empty("stts", 2), empty("stsc", 2), empty("stsz", 3), empty("stco", 2));
    if (b.type === "trak" || b.type === "mdia" || b.type === "minf") return box(b.type, ...inside(moov, b.body, b.end).filter((c) => !dropped.includes(c.type)).map(rebuilt));
    return moov.slice(b.at, b.end);
  };
  const extends_ = tracks.map((t) => box("trex", words(0, t.id, 1, 0, 0, 0)));
  const head = kept(moov, whole, "mvhd");
  return joined(box("ftyp", letters("isom"), words(0x200), letters("isomiso5mp41")), box("moov", head, ...tracks.map((t) => rebuilt(t.trak)), box("mvex", ...extends_)));
}

const dropped = ["udta", "meta", "tref"];

function kept(moov: Uint8Array, of: Box, type: string): Uint8Array {
  const found = down(moov, of, type);
  if (found === undefined) throw new Unsuited();
  return moov.slice(found.at, found.end);
}

const letters = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** runFrom begins at the last place at or before a moment at which every track can begin. */
export function runFrom(tables: readonly Table[], seconds: number): Run {
  const lead = tables[0] as Table;
  let first = Math.max(0, after(lead, seconds) - 1);
  while (first > 0 && lead.samples.key[first] !== 1) first--;
  const moment = (lead.samples.time[first] ?? 0) / lead.track.timescale;
  return tables.map((t, i) => (i === 0 ? first : Math.max(0, after(t, moment) - 1)));
}

/** after is the first sample that is decoded after a moment. */
function after({ track, samples }: Table, seconds: number): number {
  let [low, high] = [0, samples.count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples.time[middle] ?? 0) / track.timescale <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** fragment makes the next one, and says what comes then. */
export async function fragment(source: Source, tables: readonly Table[], run: Run, number: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; then: Run } | undefined> {
  const starts = tables.map((t, i) => startOf(t, run[i] ?? 0));
  const begins = Math.min(...starts);
  if (begins === Infinity) return undefined;
  const then = tables.map((t, i) => Math.max(run[i] ?? 0, after(t, begins + length)));
  const parts = await Promise.all(tables.map((t, i) => dataOf(source, t.samples, run[i] ?? 0, then[i] ?? 0)));
  const make = (ats: number[]): Uint8Array<ArrayBuffer> =>
    box("moof", box("mfhd", words(0, number)), ...tables.flatMap((t, i) => ((then[i] ?? 0) > (run[i] ?? 0) ? [trafOf(t, run[i] ?? 0, then[i] ?? 0, ats[i] ?? 0)] : [])));
  let at = make([]).length + 8;
  const ats = parts.map((p) => (at += p.length) - p.length);
  return { bytes: joined(make(ats), box("mdat", ...parts)), then };
}

function startOf({ track, samples }: Table, i: number): number {
  return i < samples.count ? (samples.time[i] ?? 0) / track.timescale : Infinity;
}

function trafOf({ track, samples: s }: Table, from: number, to: number, at: number): Uint8Array {
  const time = s.time[from] ?? 0;
  const each: number[] = [];
  for (let i = from; i < to; i++) {
    const next = i + 1 < s.count ? (s.time[i + 1] ?? 0) : s.end;
    each.push(next - (s.time[i] ?? 0), s.size[i] ?? 0, s.key[i] === 1 ? 0x2000000 : 0x1010000, s.shift[i] ?? 0);
  }
  const version = 0x01000000; // shifts may be negative
  return box("traf", box("tfhd", words(0x020000, track.id)), box("tfdt", words(version, Math.floor(time / 2 ** 32), time)), box("trun", words(version | 0xf01, to - from, at, ...each)));
}

/** dataOf reads the samples one after the other, those that are close to each other in one. */
async function dataOf(source: Source, s: Samples, from: number, to: number): Promise<Uint8Array> {
  const out = new Uint8Array(s.size.subarray(from, to).reduce((sum, n) => sum + n, 0));
  let put = 0;
  for (let i = from; i < to; ) {
    const begin = s.at[i] ?? 0;
    let [end, last] = [begin + (s.size[i] ?? 0), i + 1];
    while (last < to && (s.at[last] ?? 0) >= end && (s.at[last] ?? 0) - end < near && (s.at[last] ?? 0) - begin < 2 << 20) {
      end = (s.at[last] ?? 0) + (s.size[last] ?? 0);
      last++;
    }
    const bytes = await source.read(begin, end);
    for (; i < last; i++) {
      const at = (s.at[i] ?? 0) - begin;
      out.set(bytes.subarray(at, at + (s.size[i] ?? 0)), put);
      put += s.size[i] ?? 0;
    }
  }
  return out;
}
