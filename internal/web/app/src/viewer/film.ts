// Playing a recording by stretches: what is read around the moment that is looked at is fed to the browser's player, a little ahead
// and no more, and what lies far behind is let go. So a long film takes little memory and little of a bad line, and one can seek.
import { Unsuited, type Recording, type Walk } from "./container.ts";
import { mp4 } from "./mp4.ts";
import { Ended, over, type Source } from "./source.ts";
import { webm } from "./webm.ts";
import type { Show } from "./wire.ts";

const ahead = { resting: 2, playing: 30 }; // seconds
const behind = 30; // seconds
const most = 64; // steps: a fragment of so many may be needed before a player can begin

/** film plays what can be asked for over the port; what cannot be played by stretches is said to be so. */
export async function film(media: HTMLMediaElement, order: Show, port: MessagePort): Promise<void> {
  try {
    const recording = await recognised(over(port, order.size ?? 0));
    if (!MediaSource.isTypeSupported(recording.type)) throw new Unsuited();
    await feed(media, recording);
  } catch (error) {
    media.pause();
    port.postMessage(error instanceof Ended ? "broken" : "cannot");
  }
}

async function recognised(source: Source): Promise<Recording> {
  const begins = await source.read(0, 16);
  if (begins[0] === 0x1a && begins[1] === 0x45) return webm(source);
  if (String.fromCharCode(...begins.subarray(4, 8)) === "ftyp") return mp4(source);
  throw new Unsuited();
}

async function feed(media: HTMLMediaElement, recording: Recording): Promise<void> {
  const source = new MediaSource();
  media.src = URL.createObjectURL(source);
  await once(source, "sourceopen");
  const buffer = source.addSourceBuffer(recording.type);
  source.duration = recording.duration;
  await append(media, buffer, recording.init);
  let walk: Walk | undefined;
  let tried = -1; // a moment that cannot be reached is not tried for ever
  for (;;) {
    const now = media.currentTime;
    if (walk === undefined || (!reaches(buffer, now) && now !== tried)) {
      tried = now;
      walk = await beginAt(media, source, buffer, recording, now);
      continue;
    }
    if (bufferedTo(buffer, now) < Math.min(now + goal(media), recording.duration)) {
      const bytes = await walk.next();
      if (bytes !== undefined) {
        await append(media, buffer, bytes);
        continue;
      }
      if (source.readyState === "open") source.endOfStream();
    }
    if (media.currentTime === now || reaches(buffer, media.currentTime)) await moves(media);
  }
}

const goal = (media: HTMLMediaElement): number => (media.paused ? ahead.resting : ahead.playing);

/** beginAt reads from the place before a moment; where a decoder could not begin there, from further and further before. */
async function beginAt(media: HTMLMediaElement, source: MediaSource, buffer: SourceBuffer, recording: Recording, moment: number): Promise<Walk> {
  for (let back = 0; ; back = back * 2 + 5) {
    if (source.readyState === "open") buffer.abort(); // what was half fed is forgotten
    const walk = await recording.from(Math.max(0, moment - back));
    const known = starts(buffer);
    for (let i = 0; i < most; i++) {
      const bytes = await walk.next();
      if (bytes === undefined) break;
      await append(media, buffer, bytes);
      if (reaches(buffer, moment)) return walk;
      if (starts(buffer).some((start) => start > moment && !known.includes(start))) break; // it came too late to show the moment
    }
    if (back > moment) return begunLate(media, buffer, moment, walk);
  }
}

/** begunLate goes to where the recording begins, which need not be at nought. A hole in the middle is another thing: a player that is fed by
 *  stretches drops what follows an uneven step in time (Firefox does, of recordings by a busy phone). Nothing of what somebody told is
 *  left out in silence, so that is said to be unsuited, and all of it can be fetched instead. */
function begunLate(media: HTMLMediaElement, buffer: SourceBuffer, moment: number, walk: Walk): Walk {
  const next = starts(buffer).find((start) => start > moment);
  if (next === undefined) return walk;
  if (starts(buffer).some((start) => start < moment)) throw new Unsuited();
  media.currentTime = next;
  return walk;
}

function starts(buffer: SourceBuffer): number[] {
  return Array.from({ length: buffer.buffered.length }, (_, i) => buffer.buffered.start(i));
}

/** reaches says whether a moment is there, or so near to what is there that a player goes on. */
function reaches(buffer: SourceBuffer, moment: number): boolean {
  const { buffered } = buffer;
  for (let i = 0; i < buffered.length; i++) if (moment >= buffered.start(i) - 0.2 && moment <= buffered.end(i) + 0.2) return true;
  return false;
}

function bufferedTo(buffer: SourceBuffer, moment: number): number {
  const { buffered } = buffer;
  for (let i = 0; i < buffered.length; i++) if (moment >= buffered.start(i) - 0.2 && moment <= buffered.end(i) + 0.2) return buffered.end(i);
  return moment;
}

/** append feeds bytes. A player that is full lets go of what lies far from the moment first. */
async function append(media: HTMLMediaElement, buffer: SourceBuffer, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      buffer.appendBuffer(bytes);
      break;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError" || tries === 3) throw error;
      await letGo(media, buffer, behind / 2 ** tries);
    }
  }
  await updated(buffer);
  if (media.error !== null) throw new Unsuited();
  if (buffer.buffered.length > 0 && media.currentTime - buffer.buffered.start(0) > 2 * behind) await letGo(media, buffer, behind);
}

async function letGo(media: HTMLMediaElement, buffer: SourceBuffer, keep: number): Promise<void> {
  const now = media.currentTime;
  if (now - keep > 0) {
    buffer.remove(0, now - keep);
    await updated(buffer);
  }
  buffer.remove(now + ahead.playing * 2, Infinity);
  await updated(buffer);
}

function updated(buffer: SourceBuffer): Promise<void> {
  return buffer.updating ? once(buffer, "updateend") : Promise.resolve();
}

function once(target: EventTarget, event: string): Promise<void> {
  return new Promise((resolve) => target.addEventListener(event, () => resolve(), { once: true }));
}

/** moves waits until the moment is another one, or what is wanted is. */
function moves(media: HTMLMediaElement): Promise<void> {
  const events = ["timeupdate", "seeking", "play", "pause", "waiting"];
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) media.removeEventListener(event, done);
      resolve();
    };
    for (const event of events) media.addEventListener(event, done);
  });
}
