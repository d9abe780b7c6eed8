// WebM and Matroska (RFC 9559): elements of metadata become void ones of the same length,
// names and programs become empty. Segments and clusters are entered, since a browser that
// records does not know their length.

import { concat, type Bytes } from "../../core/bytes.ts";
import { noteIn, read, replace, rest, step, Stop, view, type Plan } from "./plan.ts";

const id = {
  ebml: 0x1a45dfa3, segment: 0x18538067, seek: 0x114d9b74, info: 0x1549a966, tracks: 0x1654ae6b, cluster: 0x1f43b675, cues: 0x1c53bb6b, void: 0xec, crc: 0xbf,
  scale: 0x2ad7b1, duration: 0x4489, muxer: 0x4d80, writer: 0x5741, date: 0x4461, title: 0x7ba9, tags: 0x1254c367, attachments: 0x1941a469,
  track: 0xae, trackType: 0x83, trackName: 0x536e,
} as const;

/** What stands in a cluster; it is met outside where a cluster has no end. */
const inCluster = [0xe7, 0x5854, 0xa7, 0xab, 0xa3, 0xa0, 0xaf];
const unknown = -1;

interface Element {
  readonly id: number;
  readonly at: number;
  readonly inner: number;
  readonly end: number; // or unknown
}

type Visit = (p: Plan, e: Element) => Promise<number> | number;

export async function matroska(p: Plan): Promise<void> {
  await each(p, 0, p.size, top);
  rest(p);
}

/** each visits the elements between two places. visit says where to go on. */
async function each(p: Plan, from: number, end: number, visit: Visit): Promise<void> {
  for (let at = from; at < end; ) at = await visit(p, await elementAt(p, at, end));
}

const top: Visit = async (p, e) => {
  if (e.id === id.segment) return e.inner;
  if (e.id === id.cluster) return e.end === unknown ? e.inner : e.end;
  if (e.end === unknown) throw new Stop("broken");
  if (e.id === id.info) await each(p, e.inner, e.end, info);
  else if (e.id === id.tracks) await each(p, e.inner, e.end, tracks);
  else if (![id.ebml, id.seek, id.cues, ...inCluster].includes(e.id)) empty(p, e);
  return e.end;
};

const info: Visit = async (p, e) => {
  if (e.end === unknown) throw new Stop("broken");
  if (e.id === id.muxer || e.id === id.writer) {
    noteIn(p, "program", new TextDecoder().decode((await read(p, e.inner, Math.min(e.end - e.inner, 200))).slice()).replaceAll("\0", ""));
    replace(p, e.inner, e.end);
  } else if (e.id === id.date && e.end - e.inner === 8) {
    noteIn(p, "time", dateOf(await read(p, e.inner, 8)));
    empty(p, e);
  } else if (e.id !== id.scale && e.id !== id.duration) empty(p, e);
  return e.end;
};

/** dateOf: nanoseconds since 2001. */
function dateOf(bytes: Bytes): string {
  const date = new Date(Date.UTC(2001, 0, 1) + Number(view(bytes).getBigInt64(0) / 1_000_000n));
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 16).replace("T", " ");
}

const tracks: Visit = async (p, e) => {
  if (e.end === unknown) throw new Stop("broken");
  if (e.id === id.track) await each(p, e.inner, e.end, track);
  else empty(p, e);
  return e.end;
};

/** track empties the name of a track, and refuses one that is neither picture nor sound nor words. */
const track: Visit = async (p, e) => {
  if (e.end === unknown) throw new Stop("broken");
  if (e.id === id.crc) empty(p, e);
  else if (e.id === id.trackName) {
    if (e.end > e.inner) noteIn(p, "text");
    replace(p, e.inner, e.end);
  } else if (e.id === id.trackType) {
    const [type = 0] = await read(p, e.inner, 1);
    if (e.end !== e.inner + 1 || ![1, 2, 17].includes(type)) throw new Stop("inside");
  }
  return e.end;
};

/** empty makes an element a void one, of the same length and full of zeros. */
function empty(p: Plan, e: Element): void {
  if (e.id !== id.void && e.id !== id.crc) noteIn(p, e.id === id.tags || e.id === id.title ? "text" : e.id === id.attachments ? "preview" : e.id === id.date ? "time" : "other");
  const n = Math.min(8, e.inner - e.at - 1);
  const length = new Uint8Array(8);
  view(length).setBigUint64(0, BigInt(e.end - e.at - 1 - n) | (1n << BigInt(7 * n)));
  replace(p, e.at, e.end, concat(Uint8Array.of(id.void), length.subarray(8 - n)));
}

async function elementAt(p: Plan, at: number, end: number): Promise<Element> {
  step(p);
  const name = await vint(p, at, end);
  if (name.length > 4) throw new Stop("broken");
  const size = await vint(p, at + name.length, end);
  const inner = at + name.length + size.length;
  const marker = 1n << BigInt(7 * size.length);
  const n = size.value & ~marker;
  if (n === marker - 1n) return { id: Number(name.value), at, inner, end: unknown };
  if (n > BigInt(end - inner)) throw new Stop("broken");
  return { id: Number(name.value), at, inner, end: inner + Number(n) };
}

/** vint reads a number of variable length, its marker included. */
async function vint(p: Plan, at: number, end: number): Promise<{ value: bigint; length: number }> {
  const [first = 0] = await read(p, at, 1);
  const length = Math.clz32(first) - 23;
  if (length > 8 || at + length > end) throw new Stop("broken");
  let value = 0n;
  for (const byte of await read(p, at, length)) value = (value << 8n) | BigInt(byte);
  return { value, length };
}
