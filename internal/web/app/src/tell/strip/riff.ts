// WAVE (RIFF): format, samples and their number stay; every other chunk becomes one of
// junk, of the same length and full of zeros.

import { utf8 } from "../../core/bytes.ts";
import { latin, noteIn, read, replace, rest, step, Stop, view, type Plan } from "./plan.ts";

const needed = ["fmt ", "data", "fact"];
const idle = ["JUNK", "PAD ", "FLLR"];
const start = 12;

export async function wav(p: Plan): Promise<void> {
  let sound = false;
  for (let at = start; at < p.size; ) {
    step(p);
    const head = (await read(p, at, 8)).slice();
    const kind = latin(head.subarray(0, 4));
    const end = at + 8 + view(head).getUint32(4, true);
    if (end > p.size) throw new Stop("broken");
    sound ||= kind === "data";
    if (!needed.includes(kind)) {
      if (!idle.includes(kind)) noteIn(p, kind === "bext" ? "time" : "text");
      replace(p, at, at + 4, utf8("JUNK"));
      replace(p, at + 8, end);
    }
    at = Math.min(p.size, end + (end % 2));
  }
  if (!sound) throw new Stop("broken");
  rest(p);
}
