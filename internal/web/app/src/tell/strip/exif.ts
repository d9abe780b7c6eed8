// Exif (CIPA DC-008): read to tell her what was in it, and to keep which side is up.
// Everything else of it is dropped, whether it could be read or not.

import { concat, utf8, type Bytes } from "../../core/bytes.ts";
import { note, type Found } from "./found.ts";
import { latin, view } from "./plan.ts";

const most = 512; // entries looked at

interface Tiff {
  readonly data: DataView;
  readonly bytes: Uint8Array;
  readonly little: boolean;
  left: number;
}

type Entry = { tag: number; type: number; count: number; at: number };

/** readExif never throws: what cannot be read is dropped all the same. */
export function readExif(bytes: Uint8Array): { found: Found[]; side: number } {
  const found: Found[] = [];
  let side = 0;
  try {
    const t: Tiff = { data: view(bytes), bytes, little: latin(bytes.subarray(0, 2)) === "II", left: most };
    const main = directory(t, t.data.getUint32(4, t.little));
    side = sideUp(t, main);
    mainDirectory(t, main, found);
  } catch {
    note(found, "other");
  }
  return { found, side };
}

function directory(t: Tiff, at: number): Entry[] & { next?: number } {
  const n = t.data.getUint16(at, t.little);
  const list: Entry[] & { next?: number } = [];
  for (let i = 0; i < n && t.left-- > 0; i++) {
    const e = at + 2 + i * 12;
    if (e + 12 > t.bytes.length) break;
    list.push({ tag: t.data.getUint16(e, t.little), type: t.data.getUint16(e + 2, t.little), count: t.data.getUint32(e + 4, t.little), at: e + 8 });
  }
  const behind = at + 2 + n * 12;
  if (behind + 4 <= t.bytes.length) list.next = t.data.getUint32(behind, t.little);
  return list;
}

/** sideUp is 1 to 8, or 0 where it is not said. */
function sideUp(t: Tiff, main: Entry[]): number {
  const entry = main.find((e) => e.tag === 0x0112 && e.type === 3);
  const value = entry ? t.data.getUint16(entry.at, t.little) : 0;
  return value <= 8 ? value : 0;
}

function mainDirectory(t: Tiff, main: Entry[] & { next?: number }, found: Found[]): void {
  const make = [0x010f, 0x0110].map((tag) => textOf(t, main, tag)).filter((s) => s !== "").join(" ");
  if (make !== "") note(found, "device", make);
  if (textOf(t, main, 0x0132) !== "") note(found, "time", textOf(t, main, 0x0132));
  if (textOf(t, main, 0x0131) !== "") note(found, "program", textOf(t, main, 0x0131));
  for (const tag of [0x013b, 0x8298]) if (textOf(t, main, tag) !== "") note(found, "person", textOf(t, main, tag));
  for (const tag of [0x010e, 0x9c9b, 0x9c9c]) if (main.some((e) => e.tag === tag)) note(found, "text");
  const sub = within(t, main, 0x8769);
  if (sub && textOf(t, sub, 0x9003) !== "") note(found, "time", textOf(t, sub, 0x9003));
  if (sub?.some((e) => [0xa431, 0xa435, 0xa430].includes(e.tag))) note(found, "device");
  if (sub?.some((e) => e.tag === 0x927c)) note(found, "device");
  const gps = within(t, main, 0x8825);
  if (gps && gps.length > 0) note(found, "place", placeOf(t, gps));
  if (main.next) note(found, "preview");
  const known = [0x0112, 0x011a, 0x011b, 0x0128, 0x0213];
  if (found.length === 0 && main.some((e) => !known.includes(e.tag))) note(found, "other");
}

function within(t: Tiff, main: Entry[], tag: number): Entry[] | undefined {
  const entry = main.find((e) => e.tag === tag);
  try {
    return entry && directory(t, t.data.getUint32(entry.at, t.little));
  } catch {
    return [];
  }
}

function textOf(t: Tiff, list: Entry[], tag: number): string {
  const e = list.find((one) => one.tag === tag && one.type === 2);
  if (!e) return "";
  const at = e.count > 4 ? t.data.getUint32(e.at, t.little) : e.at;
  return latin(t.bytes.subarray(at, at + Math.min(e.count, 80))).replace(/\0[^]*$/, "").trim();
}

/** placeOf is latitude and longitude in degrees. */
function placeOf(t: Tiff, gps: Entry[]): string {
  const [lat, lon] = [degrees(t, gps, 2, 1, "S"), degrees(t, gps, 4, 3, "W")];
  return lat === undefined || lon === undefined ? "" : `${lat.toFixed(3)}, ${lon.toFixed(3)}`;
}

function degrees(t: Tiff, gps: Entry[], tag: number, reference: number, negative: string): number | undefined {
  const e = gps.find((one) => one.tag === tag && one.type === 5 && one.count === 3);
  if (!e) return undefined;
  const at = t.data.getUint32(e.at, t.little);
  if (at + 24 > t.bytes.length) return undefined;
  const part = (i: number) => t.data.getUint32(at + i * 8, t.little) / t.data.getUint32(at + i * 8 + 4, t.little);
  const value = part(0) + (part(1) || 0) / 60 + (part(2) || 0) / 3600;
  if (!Number.isFinite(value)) return undefined;
  return textOf(t, gps, reference) === negative ? -value : value;
}

/** exifOf is a segment that says which side is up and nothing else: the same bytes for everybody but for one. */
export function exifOf(side: number): Bytes {
  const head = Uint8Array.of(0xff, 0xe1, 0x00, 0x22);
  const tiff = Uint8Array.of(0, 0x2a, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, side, 0, 0, 0, 0, 0, 0);
  return concat(head, utf8("Exif\0\0MM"), tiff);
}
