// What happened to a testimony, in order: who opened what, and when. It is the vault's word; a gap is withheld.
import type { Client } from "./client.ts";

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

export declare function feed(c: Client, testimony: string): Promise<Feed>;
