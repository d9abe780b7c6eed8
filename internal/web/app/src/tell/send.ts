// Locking and sending. It can stop anywhere (a line that broke, a phone that died, her
// wish) and goes on from there: what has arrived is asked of the vault and held against
// what she signed (core/parts.ts), never guessed. Nothing is stored twice: the name of the
// testimony is drawn once, and a second try under it goes on with the first.

import { enrol, enrolled } from "../core/enrol.ts";
import { is } from "../core/failure.ts";
import type { PartInfo } from "../core/sealer.ts";
import { createTestimony, newTestimony } from "../core/create.ts";
import type { Content, SendOptions } from "../core/testimonies.ts";
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
  const meter = meterOf(contents, how);
  for (let pause = 2000; ; pause = Math.min(pause * 2, 60_000)) {
    try {
      await open(c, how);
      await store(c, story, contents, { signal: how.signal, watch: meter.watch });
      return;
    } catch (error) {
      if (!is(error, "unavailable", "too-many")) throw error;
      how.watch({ phase: "waiting", share: meter.share() });
      await c.pause(pause, how.signal);
    }
  }
}

async function open(c: Client, how: Sending): Promise<void> {
  if ((await enrolled(c)) !== "") return;
  how.watch({ phase: "opening", share: 0 });
  await enrol(c, "participant", how.invitation, { signal: how.signal, watch: (share) => how.watch({ phase: "opening", share: Math.min(share, 1) }) });
}

/** store makes the testimony under a name that is kept with the draft: a second try goes on with the first. */
async function store(c: Client, story: Story, contents: Content[], options: SendOptions): Promise<void> {
  if (story.testimony === undefined) {
    story.testimony = newTestimony(c);
    changed(true);
  }
  const { testimony, title, warnings } = story;
  const made = await createTestimony(c, { testimony, title, language: language(), warnings, parts: contents }, options);
  if (made.failure) throw made.failure;
}

/** meterOf adds up how much of everything has arrived. */
function meterOf(contents: Content[], how: Sending) {
  const sizes = contents.map(({ blob }) => blob.size + 1);
  const all = sizes.reduce((a, b) => a + b, 0);
  let [part, within] = [0, 0];
  const share = () => Math.min(1, (sizes.slice(0, part).reduce((a, b) => a + b, 0) + within * (sizes[part] ?? 0)) / all);
  const watch = (arrived: number, of: number) => {
    const now = of > 0 ? arrived / of : 1;
    if (now < within) part++; // the next part has begun
    within = now;
    how.watch({ phase: "sending", share: share() });
  };
  return { share, watch };
}
