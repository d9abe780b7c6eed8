// Takes out of a picture or a recording what its device wrote beside the picture and the
// sound: when, where, with what, by whom; and tells what it was. It works on bytes and is
// a list of what may stay, not of what must go: a block that it does not know is removed,
// or the file is refused. It never looks into picture and sound.
//
// It never passes a file off as clean: what it does not know is "unknown", what is torn is
// "broken", what holds more than it can take out is "inside". In Go: internal/cleanup.

import { wav } from "./riff.ts";
import type { Found } from "./found.ts";
import { jpeg } from "./jpeg.ts";
import { latin, newPlan, result, Stop, type Plan } from "./plan.ts";
import { matroska } from "./matroska.ts";
import { mp3 } from "./mp3.ts";
import { mp4, stillBrand } from "./mp4.ts";
import { ogg } from "./ogg.ts";
import { png } from "./png.ts";

export type Cleaned = { readonly state: "cleaned"; readonly blob: Blob; readonly found: Found[] } | { readonly state: "unknown" | "broken" | "inside" };

const headSize = 12;

/** clean always answers, whatever the file is. The same bytes give the same cleaned bytes: an upload goes on by them. */
export async function clean(file: Blob): Promise<Cleaned> {
  try {
    const head = new Uint8Array(await file.slice(0, headSize).arrayBuffer());
    const cleaner = cleanerOf(head);
    if (!cleaner) return { state: "unknown" };
    const plan = newPlan(file);
    await cleaner(plan);
    return { state: "cleaned", blob: result(plan), found: plan.found };
  } catch (error) {
    return { state: error instanceof Stop ? error.why : "broken" };
  }
}

function cleanerOf(head: Uint8Array): ((plan: Plan) => Promise<void>) | undefined {
  const text = latin(head);
  if (text.startsWith("\xff\xd8\xff")) return jpeg;
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return png;
  if (text.startsWith("\x1a\x45\xdf\xa3")) return matroska;
  if (text.startsWith("OggS")) return ogg;
  if (text.startsWith("RIFF") && text.slice(8) === "WAVE") return wav;
  if (text.startsWith("ID3") || (head[0] === 0xff && ((head[1] ?? 0) & 0xe6) === 0xe2)) return mp3;
  if (text.slice(4, 8) === "ftyp" && !stillBrand(text.slice(8))) return mp4;
  return undefined;
}
