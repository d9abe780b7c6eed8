// What happened to a testimony, in order: who opened what, and when (in Go api/client/feed.go). It is the vault's word; a gap is
// withheld, and so is an end before the last event that it speaks of.
import { get } from "./call.ts";
import type { Client } from "./client.ts";
import { Failure } from "./failure.ts";
import { pathOf } from "./address.ts";
import { list, maybe, object, string, whole, type Of } from "./shape.ts";

export const eventKinds = [
  "created", "card", "begun", "added", "received", "adopted", "mode", "granted", "renewed", "narrowed", "answered", "revoked",
  "relocked", "opened", "paused", "lifted", "denied", "rewrapped", "policy", "agreed", "declined", "voted", "released",
  "damaged", "healed", "replied",
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Her own acts carry day, those of readers and trustees time. A kind that this client does not know comes as "other". */
export interface Event {
  seq: number; // from 1, without gaps; 0 of denied
  kind: EventKind | "other";
  day?: number;
  time?: number;
  actor: string; // an account, or a role
  n?: number;
  grant?: string;
  policy?: string;
  times?: number; // of denied: how often that day
  detail?: string; // a fixed word or figure
}

export interface Feed {
  events: Event[];
  denied: Event[]; // refused attempts by day
}

const claimed = object({
  seq: maybe(whole), kind: string, day: maybe(whole), time: maybe(whole), actor: string, n: maybe(whole), grant: maybe(string),
  policy: maybe(string), times: maybe(whole), detail: maybe(string),
});
const page = object({ events: list(claimed), last: whole, denied: list(claimed) });

/** feed reads it page by page. It ends because each page must move on. */
export async function feed(c: Client, testimony: string): Promise<Feed> {
  const events: Event[] = [];
  for (;;) {
    const got = await get(c, `${pathOf(testimony)}/feed?after=${events.length}`, page);
    for (const e of got.events) {
      if (e.seq !== events.length + 1) throw new Failure("withheld");
      events.push(eventOf(e));
    }
    if (events.length >= got.last) return { events, denied: got.denied.map(eventOf) };
    if (got.events.length === 0) throw new Failure("withheld");
  }
}

function eventOf(e: Of<typeof claimed>): Event {
  const kind = eventKinds.find((k) => k === e.kind) ?? "other";
  return { ...e, seq: e.seq ?? 0, kind };
}
