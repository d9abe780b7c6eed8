// Boxes of ISO media (ISO/IEC 14496-12), read and written: MP4, MOV, M4A, 3GP.

export interface Box {
  type: string;
  at: number; // where it begins
  body: number; // where its content begins
  end: number;
}

/** boxAt reads a box's head. Undefined: bytes are missing, or these are none. */
export function boxAt(bytes: Uint8Array, at: number): Box | undefined {
  if (at + 8 > bytes.length) return undefined;
  const view = viewOf(bytes);
  const short = view.getUint32(at);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  if (short === 1 && at + 16 > bytes.length) return undefined;
  const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short;
  const body = at + (short === 1 ? 16 : 8);
  return size < body - at || !Number.isSafeInteger(size) ? undefined : { type, at, body, end: at + size };
}

/** inside gives the boxes that fill a stretch. */
export function inside(bytes: Uint8Array, from: number, to: number): Box[] {
  const out: Box[] = [];
  for (let at = from; at < to; ) {
    const box = boxAt(bytes, at);
    if (box === undefined || box.end > to) break;
    out.push(box);
    at = box.end;
  }
  return out;
}

/** down follows a path of types to the first box at its end. */
export function down(bytes: Uint8Array, box: Box, ...path: string[]): Box | undefined {
  let here: Box | undefined = box;
  for (const type of path) here = here && inside(bytes, here.body, here.end).find((b) => b.type === type);
  return here;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** box writes one. */
export function box(type: string, ...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 8));
  viewOf(out).setUint32(0, out.length);
  out.set([...type].map((c) => c.charCodeAt(0)), 4);
  let at = 8;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** words writes 32-bit numbers, the highest byte first. */
export function words(...values: number[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(values.length * 4);
  const view = viewOf(out);
  values.forEach((value, i) => view.setUint32(i * 4, value >>> 0));
  return out;
}

export function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
