// JPEG (ITU-T T.81): tables, frames and scans stay, up to the end marker. What a phone
// appends behind it (a second picture, a film of the seconds before) goes.
//
// Three things are written anew in a fixed form, because a picture is shown wrongly
// without them and they say nothing: JFIF without its thumbnail, Adobe's colour transform,
// and which side is up. Colour profiles go: they name devices.

import { concat, type Bytes } from "../../core/bytes.ts";
import { exifOf, readExif } from "./exif.ts";
import { keep, latin, noteIn, read, step, Stop, view, write, type Plan } from "./plan.ts";

const [EOI, SOS, APP0, APP1, APP2, APP13, APP14, APP15, COM] = [0xd9, 0xda, 0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xef, 0xfe];

export async function jpeg(p: Plan): Promise<void> {
  keep(p, 0, 2);
  for (let at = 2; ; ) {
    step(p);
    const { marker, next } = await markerAt(p, at);
    if (marker === EOI) {
      keep(p, next - 2, next);
      if (next < p.size) noteIn(p, "behind");
      return;
    }
    at = await segment(p, marker, next);
  }
}

const maxFill = 64;

async function markerAt(p: Plan, at: number): Promise<{ marker: number; next: number }> {
  for (let i = 0; i < maxFill; i++, at++) {
    const [first = 0, second = 0] = await read(p, at, 2);
    if (first !== 0xff) throw new Stop("broken");
    if (second !== 0xff) return { marker: second, next: at + 2 };
  }
  throw new Stop("broken");
}

/** segment decides about one segment and gives the place behind it. */
async function segment(p: Plan, marker: number, at: number): Promise<number> {
  const end = at + view(await read(p, at, 2)).getUint16(0);
  if (end < at + 2 || end > p.size) throw new Stop("broken");
  if (marker >= APP0 && marker <= APP15) {
    application(p, marker, (await read(p, at + 2, end - at - 2)).slice());
    return end;
  }
  if (marker === COM) {
    noteIn(p, "text", new TextDecoder().decode(await read(p, at + 2, end - at - 2)));
    return end;
  }
  if (marker === SOS) {
    const behind = await scan(p, end);
    keep(p, at - 2, behind);
    return behind;
  }
  if (marker < 0xc0 || marker > 0xdf || marker === 0xc8 || (marker >= 0xd0 && marker <= EOI)) throw new Stop("inside");
  keep(p, at - 2, end);
  return end;
}

/** scan finds the end of coded data: the next marker that is neither a stuffed byte nor a restart. */
async function scan(p: Plan, from: number): Promise<number> {
  const stretch = 1 << 16;
  let marked = false;
  for (let at = from; at < p.size; at += stretch) {
    step(p);
    const bytes = await read(p, at, Math.min(stretch, p.size - at));
    for (let i = 0; i < bytes.length; i++) {
      const c = bytes[i] ?? 0;
      if (marked && c !== 0xff && c !== 0 && (c < 0xd0 || c > 0xd7)) return at + i - 1;
      marked = c === 0xff;
    }
  }
  throw new Stop("broken"); // the picture does not end
}

function application(p: Plan, marker: number, body: Bytes): void {
  const name = latin(body.subarray(0, 14));
  if (marker === APP0 && body.length >= 14 && name.startsWith("JFIF\0")) return jfif(p, body);
  if (marker === APP14 && body.length >= 12 && name.startsWith("Adobe")) return write(p, concat(Uint8Array.of(0xff, APP14, 0, 14), body.subarray(0, 12)));
  if (marker === APP1 && name.startsWith("Exif\0")) {
    const { found, side } = readExif(body.subarray(6));
    for (const f of found) noteIn(p, f.trace, f.value);
    if (found.length === 0 && side === 0) noteIn(p, "other");
    if (side > 1) write(p, exifOf(side));
  } else noteIn(p, marker === APP2 && name.startsWith("ICC_PROFILE") ? "profile" : marker === APP1 || marker === APP13 ? "text" : "other");
}

function jfif(p: Plan, body: Bytes): void {
  if (body.length > 14) noteIn(p, "preview");
  write(p, concat(Uint8Array.of(0xff, APP0, 0, 16), body.subarray(0, 12), Uint8Array.of(0, 0)));
}

