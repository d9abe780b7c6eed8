// MP3: the frames of sound stay. Tags before and behind them (ID3, APE, Lyrics) go, and so
// does anything that is no frame; a file of which less than all the rest are frames is
// refused. A frame's own length says where the next one is.

import { keep, latin, noteIn, read, step, Stop, view, type Plan } from "./plan.ts";

const rates = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const;
const speeds = [44_100, 48_000, 32_000];

export async function mp3(p: Plan): Promise<void> {
  const from = await behindTags(p);
  const end = await beforeTags(p);
  let at = from;
  for (let n = 0; at + 4 <= end; n++) {
    step(p);
    const next = at + frameLength((await read(p, at, 4)).slice());
    if (next > end) break; // the last frame is often cut
    if (n > 0 || !(await isInfo(p, at, next))) keep(p, at, next);
    at = next;
  }
  if (at === from) throw new Stop("broken");
}

/** behindTags is where the first frame begins. */
async function behindTags(p: Plan): Promise<number> {
  let at = 0;
  while (at + 10 <= p.size && latin(await read(p, at, 3)) === "ID3") {
    step(p);
    const head = (await read(p, at, 10)).slice();
    const size = [6, 7, 8, 9].reduce((sum, i) => sum * 128 + ((head[i] ?? 0) & 127), 0);
    noteIn(p, "text");
    at += 10 + size + (((head[5] ?? 0) & 0x10) !== 0 ? 10 : 0);
  }
  while (at < p.size && (await read(p, at, 1))[0] === 0) {
    step(p);
    at++;
  }
  return at;
}

/** beforeTags is where the last frame ends. */
async function beforeTags(p: Plan): Promise<number> {
  let end = p.size;
  if (end >= 128 && latin(await read(p, end - 128, 3)) === "TAG") end -= 128;
  if (end >= 32 && latin(await read(p, end - 32, 8)) === "APETAGEX") {
    const foot = view((await read(p, end - 32, 32)).slice());
    end -= foot.getUint32(12, true) + (foot.getUint32(20, true) >>> 31) * 32;
  }
  if (end < p.size) noteIn(p, "text");
  if (end < 0) throw new Stop("broken");
  return end;
}

/** frameLength is of layer III; anything else is no frame. */
function frameLength(head: Uint8Array): number {
  const [a = 0, b = 0, c = 0] = head;
  const version = (b >> 3) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const rate = rates[version === 3 ? 0 : 1][c >> 4];
  const speed = (speeds[(c >> 2) & 3] ?? 0) / (version === 3 ? 1 : version === 2 ? 2 : 4);
  if (a !== 0xff || (b & 0xe6) !== 0xe2 || version === 1 || !rate || speed === 0) throw new Stop("inside");
  return Math.floor(((version === 3 ? 144 : 72) * rate * 1000) / speed) + ((c >> 1) & 1);
}

/** isInfo: the first frame may hold no sound, but what made the file. */
async function isInfo(p: Plan, at: number, end: number): Promise<boolean> {
  const body = latin(await read(p, at, end - at));
  if (!/Xing|Info|VBRI/.test(body.slice(0, 64))) return false;
  noteIn(p, "program");
  return true;
}
