// PNG (W3C PNG, third edition): the chunks that are needed to show the picture stay, byte
// for byte, up to the end chunk. Texts, times, Exif, colour profiles go.

import { readExif } from "./exif.ts";
import { keep, latin, noteIn, read, step, Stop, view, type Plan } from "./plan.ts";

const needed = ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "cICP", "sBIT", "bKGD", "hIST", "pHYs", "acTL", "fcTL", "fdAT"];
const signature = 8;
const mostRead = 1 << 20;

export async function png(p: Plan): Promise<void> {
  keep(p, 0, signature);
  for (let at = signature; ; ) {
    step(p);
    const head = await read(p, at, 8);
    const length = view(head).getUint32(0);
    const kind = latin(head.subarray(4));
    const end = at + 12 + length;
    if (end > p.size) throw new Stop("broken");
    if (needed.includes(kind)) keep(p, at, end);
    else if (((head[4] ?? 0) & 0x20) === 0) throw new Stop("inside"); // critical, and not known
    else await told(p, kind, at + 8, Math.min(length, mostRead));
    if (kind === "IEND") {
      if (end < p.size) noteIn(p, "behind");
      return;
    }
    at = end;
  }
}

async function told(p: Plan, kind: string, at: number, length: number): Promise<void> {
  const body = await read(p, at, length);
  if (kind === "eXIf") for (const f of readExif(body).found) noteIn(p, f.trace, f.value);
  else if (kind === "tIME" && length === 7) noteIn(p, "time", `${String(view(body).getUint16(0))}-${String(body[2])}-${String(body[3])}`);
  else if (kind === "tEXt") noteIn(p, "text", latin(body.subarray(0, 80)).replace("\0", ": "));
  else noteIn(p, ["iTXt", "zTXt"].includes(kind) ? "text" : kind === "iCCP" ? "profile" : kind === "tIME" ? "time" : "other");
}
