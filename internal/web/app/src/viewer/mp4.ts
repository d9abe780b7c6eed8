// MP4 and its kin. A fragmented recording, as browsers make them, is fed as it is. A plain one, as phones make them, has one table of
// all its samples, often at its very end: the table is read, and fragments are made of the samples around a moment (fragment.ts).
import { boxAt, down, inside, viewOf, type Box } from "./boxes.ts";
import { codecOf } from "./codecs.ts";
import { glance, lastBefore, lastOf, onward, Unsuited, type Place, type Recording, type Walk } from "./container.ts";
import { fragment, initOf, runFrom } from "./fragment.ts";
import type { Source } from "./source.ts";
import { samplesOf, type Track } from "./samples.ts";

const mostTable = 32 << 20; // bytes; an hour of video has about three million

/** mp4 reads the table of a recording. */
export async function mp4(source: Source): Promise<Recording> {
  const moov = await tableOf(source);
  const whole = boxAt(moov.bytes, 0);
  if (whole === undefined) throw new Unsuited();
  const tracks = inside(moov.bytes, whole.body, whole.end).filter((b) => b.type === "trak").flatMap((trak) => trackOf(moov.bytes, trak));
  const film = tracks.find((t) => t.kind === "vide");
  const sound = tracks.find((t) => t.kind === "soun");
  const chosen = [film, sound].filter((t): t is Track => t !== undefined);
  if (chosen.length === 0) throw new Unsuited();
  const type = `${film ? "video" : "audio"}/mp4; codecs="${chosen.map((t) => t.codec).join(", ")}"`;
  return down(moov.bytes, whole, "mvex") ? fragmented(source, moov, type, chosen) : plain(source, moov.bytes, whole, type, chosen);
}

interface Table {
  at: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** tableOf walks the boxes of the file to its table. */
async function tableOf(source: Source): Promise<Table> {
  for (let at = 0, boxes = 0; at < source.size && boxes < 1000; boxes++) {
    const box = boxAt(await source.read(at, at + 16), 0);
    if (box === undefined || (boxes === 0 && !/^[a-z]{4}$/.test(box.type))) break;
    if (box.type === "moov") return { at, bytes: await all(source, at, at + box.end) };
    at += box.end;
  }
  throw new Unsuited();
}

async function all(source: Source, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  if (to - from > mostTable || to > source.size) throw new Unsuited();
  const out = new Uint8Array(to - from);
  for (let at = from; at < to; ) {
    const bytes = await source.read(at, to);
    out.set(bytes, at - from);
    at += bytes.length;
  }
  return out;
}

function trackOf(moov: Uint8Array, trak: Box): Track[] {
  const [tkhd, mdhd, hdlr, stsd] = [["tkhd"], ["mdia", "mdhd"], ["mdia", "hdlr"], ["mdia", "minf", "stbl", "stsd"]].map((path) => down(moov, trak, ...path));
  if (!tkhd || !mdhd || !hdlr || !stsd) return [];
  const view = viewOf(moov);
  const kind = String.fromCharCode(...moov.subarray(hdlr.body + 8, hdlr.body + 12));
  if (kind !== "vide" && kind !== "soun") return [];
  const codec = codecOf(moov, stsd);
  const id = view.getUint32(tkhd.body + (moov[tkhd.body] === 1 ? 20 : 12));
  const timescale = view.getUint32(mdhd.body + (moov[mdhd.body] === 1 ? 20 : 12));
  return codec === undefined || timescale === 0 ? [] : [{ id, kind, codec, timescale, trak }];
}

async function fragmented(source: Source, moov: Table, type: string, tracks: Track[]): Promise<Recording> {
  const init = await all(source, 0, moov.at + moov.bytes.length);
  const guide = tracks[0] as Track;
  const index = await indexed(source, guide, init.length);
  const find = (from: number, to: number): Promise<Place | undefined> =>
    index ? Promise.resolve(index.find((p) => p.at >= from && p.at < to)) : moofAt(source, guide, from, to);
  const first = await find(init.length, source.size);
  if (first === undefined) throw new Unsuited();
  const duration = await endOf(source, guide, index?.at(-1) ?? (await lastOf(first, source.size, find)));
  const end = { at: source.size, time: duration };
  const before = async (seconds: number): Promise<Place> =>
    index ? (index.findLast((p) => p.time <= seconds) ?? first) : lastBefore(first, end, seconds, find);
  return { type, init, duration, from: async (seconds) => onward(source, (await before(seconds)).at) };
}

const large = 512 << 10;

/** indexed hops from fragment to fragment, where they are so large that looking for one would read more than hopping over it. */
async function indexed(source: Source, track: Track, from: number): Promise<Place[] | undefined> {
  const places: Place[] = [];
  for (let at = from, hops = 0; at < source.size; hops++) {
    if (hops > 800 || (places.length > 8 && (at - from) / places.length < large)) return undefined;
    const bytes = await source.read(at, at + (16 << 10));
    const box = boxAt(bytes, 0);
    if (box === undefined) return undefined;
    const traf = box.type === "moof" ? trafIn(bytes, 0, track.id) : undefined;
    const tfdt = traf && down(bytes, traf, "tfdt");
    if (tfdt) places.push({ at, time: longAt(bytes, tfdt) / track.timescale });
    at += box.end;
  }
  return places;
}

/** moofAt finds the first fragment of a track that begins in a stretch. */
async function moofAt(source: Source, track: Track, from: number, to: number): Promise<Place | undefined> {
  for (let at = from; at < to; at += glance) {
    const bytes = await source.read(at, at + glance + (64 << 10));
    for (let i = 0; i < Math.min(glance, bytes.length, to - at); i++) {
      if (bytes[i + 4] !== 0x6d || bytes[i + 5] !== 0x6f || bytes[i + 6] !== 0x6f || bytes[i + 7] !== 0x66) continue; // moof
      const traf = trafIn(bytes, i, track.id);
      const tfdt = traf && down(bytes, traf, "tfdt");
      if (tfdt) return { at: at + i, time: longAt(bytes, tfdt) / track.timescale };
    }
  }
  return undefined;
}

function trafIn(bytes: Uint8Array, at: number, track: number): Box | undefined {
  const moof = boxAt(bytes, at);
  if (moof === undefined || moof.end > bytes.length || inside(bytes, moof.body, moof.end)[0]?.type !== "mfhd") return undefined;
  return inside(bytes, moof.body, moof.end).find((traf) => {
    const tfhd = down(bytes, traf, "tfhd");
    return traf.type === "traf" && tfhd !== undefined && viewOf(bytes).getUint32(tfhd.body + 4) === track;
  });
}

/** longAt reads a time of 32 or 64 bits behind a version. */
function longAt(bytes: Uint8Array, of: Box): number {
  const view = viewOf(bytes);
  return bytes[of.body] === 1 ? Number(view.getBigUint64(of.body + 4)) : view.getUint32(of.body + 4);
}

/** endOf is the end of the last fragment, by the durations of its samples. */
async function endOf(source: Source, track: Track, last: Place): Promise<number> {
  const bytes = await source.read(last.at, last.at + (256 << 10));
  const traf = trafIn(bytes, 0, track.id);
  const [tfhd, trun] = [traf && down(bytes, traf, "tfhd"), traf && down(bytes, traf, "trun")];
  if (!tfhd || !trun) return last.time;
  const view = viewOf(bytes);
  const said = view.getUint32(trun.body) & 0xffffff;
  const count = view.getUint32(trun.body + 4);
  const usual = usualDuration(view, tfhd);
  if ((said & 0x100) === 0) return last.time + (count * usual) / track.timescale;
  const width = 4 * [0x100, 0x200, 0x400, 0x800].filter((bit) => (said & bit) !== 0).length;
  const begins = trun.body + 8 + ((said & 1) !== 0 ? 4 : 0) + ((said & 4) !== 0 ? 4 : 0);
  let sum = 0;
  for (let i = 0; i < count && begins + (i + 1) * width <= trun.end; i++) sum += view.getUint32(begins + i * width);
  return last.time + sum / track.timescale;
}

function usualDuration(view: DataView, tfhd: Box): number {
  const said = view.getUint32(tfhd.body) & 0xffffff;
  if ((said & 8) === 0) return 0;
  return view.getUint32(tfhd.body + 8 + ((said & 1) !== 0 ? 8 : 0) + ((said & 2) !== 0 ? 4 : 0));
}

function plain(source: Source, moov: Uint8Array<ArrayBuffer>, whole: Box, type: string, tracks: Track[]): Recording {
  const tables = tracks.map((track) => ({ track, samples: samplesOf(moov, track) }));
  const duration = Math.max(...tables.map(({ track, samples }) => samples.end / track.timescale));
  return {
    type, duration, init: initOf(moov, whole, tracks),
    from: (seconds): Promise<Walk> => {
      let run = runFrom(tables, seconds);
      let count = 0;
      return Promise.resolve({
        async next() {
          const made = await fragment(source, tables, run, ++count);
          if (made === undefined) return undefined;
          run = made.then;
          return made.bytes;
        },
      });
    },
  };
}
