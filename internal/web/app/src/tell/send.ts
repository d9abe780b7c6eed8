// Locking and sending. It can stop anywhere (a line that broke, a phone that died, her
// wish) and goes on from there: what has arrived is asked of the vault and held against
// what she signed (core/parts.ts), never guessed. Nothing is stored twice: before a
// testimony is made again, her list is looked at for the one whose answer was lost.

import { enrol } from "../core/enrol.ts";
import { Failure, is } from "../core/failure.ts";
import { history } from "../core/history.ts";
import { addPart, findUnfinished } from "../core/parts.ts";
import type { PartInfo } from "../core/sealer.ts";
import { credentials } from "../core/session.ts";
import { createTestimony, listTestimonies, type Content, type SendOptions } from "../core/testimonies.ts";
import type { Client } from "../core/client.ts";
import { language } from "../ui/places.ts";
import { changed, type Story } from "./story.ts";

export type Phase = "opening" | "sending" | "waiting";

export interface Progress {
  readonly phase: Phase;
  readonly share: number; // 0 to 1
}

export interface Sending {
  readonly signal: AbortSignal;
  readonly invitation: string;
  watch(progress: Progress): void;
}

/** contentsOf is what is stored of a story: an original before what was made from it. */
export function contentsOf(story: Story): Content[] {
  const out: Content[] = [];
  for (const part of story.parts) {
    if (part.original) out.push({ ...infoOf(part.original.type || part.type, part.name, "original", 0, part.label), blob: part.original });
    const kind = part.original ? (part.disguised ? "voice-altered" : "cleaned") : "original";
    const name = part.original ? "" : part.name;
    out.push({ ...infoOf(part.type, name, kind, part.original ? out.length : 0, part.label), blob: part.blob });
  }
  return out;
}

function infoOf(media_type: string, name: string, kind: PartInfo["kind"], derived_from: number, label: string): Omit<Content, "blob"> {
  return { info: { media_type, name, kind, derived_from }, ...(label === "" ? {} : { label }) };
}

/** send stores a story, and goes on by itself after every broken line until the signal stops it. */
export async function send(c: Client, story: Story, how: Sending): Promise<void> {
  const contents = contentsOf(story);
  const meter = meterOf(contents, story.sent?.stored ?? 0, how);
  let known: Set<string> | undefined; // what was there before anything of this was sent
  let again = false;
  for (let pause = 2000; ; pause = Math.min(pause * 2, 60_000)) {
    try {
      const empty = await open(c, how);
      known ??= empty ? new Set() : await namesOf(c);
      if (again) story.sent ??= await lost(c, known);
      await store(c, story, contents, { signal: how.signal, watch: meter.watch }, meter.stored);
      return;
    } catch (error) {
      again = true;
      if (!is(error, "unavailable", "too-many")) throw error;
      how.watch({ phase: "waiting", share: meter.share() });
      await c.pause(pause, how.signal);
    }
  }
}

/** open makes sure that there is an account, and says whether it is new and has nothing in it. */
async function open(c: Client, how: Sending): Promise<boolean> {
  if ((await history(c)).chain.statements.length > 0) return false;
  how.watch({ phase: "opening", share: 0 });
  const signedIn = credentials(c); // meanwhile: the first act will need it
  signedIn.catch(() => undefined);
  await enrol(c, "participant", how.invitation, { signal: how.signal, watch: (share) => how.watch({ phase: "opening", share: Math.min(share, 1) }) });
  return (await history(c)).chain.statements.length === 1; // or another device of hers was faster
}

async function namesOf(c: Client): Promise<Set<string>> {
  return new Set((await listTestimonies(c)).list.map((l) => l.testimony));
}

async function store(c: Client, story: Story, contents: Content[], options: SendOptions, stored: (n: number) => void): Promise<void> {
  const mark = (testimony: string, n: number) => {
    story.sent = { testimony, stored: n };
    stored(n);
    changed();
  };
  if (!story.sent) {
    const made = await createTestimony(c, { title: story.title, language: language(), warnings: story.warnings, parts: contents }, options);
    mark(made.testimony, made.stored);
    if (made.failure) throw made.failure;
    return;
  }
  const { testimony } = story.sent;
  mark(testimony, Math.max(story.sent.stored, await partsOf(c, testimony)));
  for (let n = story.sent.stored; n < contents.length; n++) {
    await addOrResume(c, testimony, contents[n] as Content, options);
    mark(testimony, n + 1);
  }
}

/** lost is a testimony that this page made and whose answer did not come through. */
async function lost(c: Client, known: Set<string>): Promise<Story["sent"]> {
  const found = (await listTestimonies(c)).list.find((l) => !known.has(l.testimony));
  return found && { testimony: found.testimony, stored: found.parts };
}

async function partsOf(c: Client, testimony: string): Promise<number> {
  const found = (await listTestimonies(c)).list.find((l) => l.testimony === testimony);
  if (!found) throw new Failure("not-found");
  return found.parts;
}

async function addOrResume(c: Client, testimony: string, content: Content, options: SendOptions): Promise<void> {
  const begun = await findUnfinished(c, content, testimony);
  if (begun) await begun.resume(options);
  else await addPart(c, testimony, content, options);
}

/** meterOf adds up how much of everything has arrived. */
function meterOf(contents: Content[], stored: number, how: Sending) {
  const sizes = contents.map(({ blob }) => blob.size + 1);
  const all = sizes.reduce((a, b) => a + b, 0);
  let [part, within] = [stored, 0];
  const share = () => Math.min(1, (sizes.slice(0, part).reduce((a, b) => a + b, 0) + within * (sizes[part] ?? 0)) / all);
  const tell = () => how.watch({ phase: "sending", share: share() });
  const watch = (arrived: number, of: number) => {
    const now = of > 0 ? arrived / of : 1;
    if (now < within) part++; // the next part has begun
    within = now;
    tell();
  };
  const arrived = (n: number) => {
    [part, within] = [n, 0];
    tell();
  };
  return { share, watch, stored: arrived };
}

