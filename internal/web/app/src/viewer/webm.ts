// WebM and what else is Matroska (RFC 9559), as far as playing by stretches needs it: where the first cluster begins, which clusters
// there are around a moment, how long it is. Recorders write no index and no length, so both are found by looking.
import { glance, lastBefore, lastOf, onward, Unsuited, type Place, type Recording } from "./container.ts";
import type { Source } from "./source.ts";

const id = { ebml: 0x1a45dfa3, segment: 0x18538067, info: 0x1549a966, tracks: 0x1654ae6b, cluster: 0x1f43b675, scale: 0x2ad7b1, duration: 0x4489, entry: 0xae, codec: 0x86,
  kind: 0x83, time: 0xe7, simple: 0xa3, group: 0xa0, block: 0xa1 } as const;
const mostHead = 8 << 20;
const unknown = -1;

interface Element {
  id: number;
  body: number; // where its body begins
  size: number; // of the body; unknown where it goes on to the next of its kind
}

/** element reads an element's head. Undefined: bytes are missing, or these are none. */
export function element(bytes: Uint8Array, at: number): Element | undefined {
  const first = bytes[at] ?? 0;
  const idLength = first === 0 ? 9 : Math.clz32(first) - 23;
  if (idLength > 4 || at + idLength >= bytes.length) return undefined;
  const sizeFirst = bytes[at + idLength] ?? 0;
  const sizeLength = sizeFirst === 0 ? 9 : Math.clz32(sizeFirst) - 23;
  const body = at + idLength + sizeLength;
  if (sizeLength > 8 || body > bytes.length) return undefined;
  const size = number(bytes, at + idLength, body, sizeFirst & (0xff >> sizeLength));
  return { id: number(bytes, at, at + idLength, first), body, size: size === 2 ** (7 * sizeLength) - 1 ? unknown : size };
}

function number(bytes: Uint8Array, from: number, to: number, first: number): number {
  let value = first;
  for (let i = from + 1; i < to; i++) value = value * 256 + (bytes[i] ?? 0);
  return value;
}

function* children(bytes: Uint8Array, from: number, to: number): Generator<Element> {
  for (let at = from; at < to; ) {
    const child = element(bytes, at);
    if (child === undefined || child.size === unknown) return;
    yield child;
    at = child.body + child.size;
  }
}

interface Head {
  first: number; // where the first cluster begins
  scale: number; // seconds per unit of time
  duration: number; // seconds; 0 where it is not said
  codecs: string[];
  film: boolean;
}

/** webm reads the beginning of a recording. */
export async function webm(source: Source): Promise<Recording> {
  const head = await headOf(source);
  const init = await source.read(0, head.first);
  if (init.length !== head.first) throw new Unsuited();
  const find = (from: number, to: number): Promise<Place | undefined> => clusterAt(source, head.scale, from, to);
  const first = await find(head.first, Math.min(source.size, head.first + glance));
  if (first === undefined) throw new Unsuited();
  const duration = head.duration > 0 ? head.duration : await measured(source, head, await lastOf(first, source.size, find));
  return {
    type: `${head.film ? "video" : "audio"}/webm; codecs="${head.codecs.join(", ")}"`,
    duration, init,
    from: async (seconds) => onward(source, (await lastBefore(first, { at: source.size, time: duration }, seconds, find)).at),
  };
}

async function headOf(source: Source): Promise<Head> {
  for (let length = glance; length <= mostHead; length *= 4) {
    const bytes = await source.read(0, Math.min(length, 4 << 20));
    const head = readHead(bytes);
    if (head) return head;
    if (bytes.length === source.size || length > 4 << 20) break;
  }
  throw new Unsuited();
}

function readHead(bytes: Uint8Array): Head | undefined {
  const ebml = element(bytes, 0);
  if (ebml?.id !== id.ebml) throw new Unsuited();
  const segment = element(bytes, ebml.body + ebml.size);
  if (segment?.id !== id.segment) throw new Unsuited();
  const head: Head = { first: 0, scale: 0.001, duration: 0, codecs: [], film: false };
  for (let at = segment.body; at < bytes.length; ) {
    const one = element(bytes, at);
    if (one === undefined) return undefined;
    if (one.id === id.cluster) return head.codecs.length > 0 ? { ...head, first: at, duration: head.duration * head.scale } : undefined;
    if (one.size === unknown || one.body + one.size > bytes.length) return undefined;
    if (one.id === id.info) readInfo(bytes, one, head);
    if (one.id === id.tracks) for (const entry of children(bytes, one.body, one.body + one.size)) readTrack(bytes, entry, head);
    at = one.body + one.size;
  }
  return undefined;
}

function readInfo(bytes: Uint8Array, info: Element, head: Head): void {
  for (const { id: name, body, size } of children(bytes, info.body, info.body + info.size)) {
    if (name === id.scale) head.scale = number(bytes, body - 1, body + size, 0) / 1e9;
    if (name !== id.duration) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + body, size);
    head.duration = size === 4 ? view.getFloat32(0) : view.getFloat64(0);
  }
}

const codecs: Record<string, string> = { V_VP8: "vp8", V_VP9: "vp9", V_AV1: "av01.0.08M.08", A_OPUS: "opus", A_VORBIS: "vorbis" };

function readTrack(bytes: Uint8Array, entry: Element, head: Head): void {
  for (const { id: name, body, size } of children(bytes, entry.body, entry.body + entry.size)) {
    if (name === id.kind && bytes[body] === 1) head.film = true;
    if (name !== id.codec) continue;
    const codec = codecs[String.fromCharCode(...bytes.subarray(body, body + size)).replace(/\0+$/, "")];
    if (codec === undefined) throw new Unsuited();
    head.codecs.push(codec);
  }
}

/** clusterAt finds the first cluster that begins in a stretch. Four bytes may stand anywhere by chance; a time right behind them
 *  does not. */
async function clusterAt(source: Source, scale: number, from: number, to: number): Promise<Place | undefined> {
  for (let at = from; at < to; at += glance) {
    const bytes = await source.read(at, Math.min(at + glance + 64, source.size));
    for (let i = 0; i < Math.min(glance, bytes.length, to - at); i++) {
      const time = bytes[i] === 0x1f ? timeOf(bytes, i) : undefined;
      if (time !== undefined) return { at: at + i, time: time * scale };
    }
  }
  return undefined;
}

function timeOf(bytes: Uint8Array, at: number): number | undefined {
  const cluster = element(bytes, at);
  if (cluster?.id !== id.cluster) return undefined;
  for (const child of children(bytes, cluster.body, Math.min(cluster.body + 48, bytes.length))) {
    if (child.id === id.time && child.size <= 8) return number(bytes, child.body - 1, child.body + child.size, 0);
  }
  return undefined;
}

/** measured says how long a recording is that does not: the time of its last block. */
async function measured(source: Source, head: Head, last: Place): Promise<number> {
  const bytes = await source.read(last.at, source.size);
  const cluster = element(bytes, 0);
  let end = last.time;
  if (cluster === undefined) return end;
  for (const child of children(bytes, cluster.body, bytes.length)) {
    const at = child.id === id.group ? [...children(bytes, child.body, child.body + child.size)].find((c) => c.id === id.block)?.body : child.id === id.simple ? child.body : undefined;
    const track = at === undefined ? undefined : Math.clz32(bytes[at] ?? 0) - 23;
    if (at === undefined || track === undefined || at + track + 2 > bytes.length) continue;
    end = Math.max(end, last.time + new DataView(bytes.buffer, bytes.byteOffset + at + track, 2).getInt16(0) * head.scale);
  }
  return end + 0.02;
}
