// What she is telling: its parts, in order, before they are sealed and sent. It lives in
// the memory of the page. Who keeps a draft watches it; nobody else is told.

import type { Found } from "./strip/found.ts";

export type PartKind = "text" | "voice" | "file";

/** A part as she made it. blob is what is sent; original is what it was made from, if she keeps that too. */
export interface Part {
  readonly key: number; // stays the same when the order changes
  readonly kind: PartKind;
  name: string; // of the file she chose; "" says nothing
  type: string; // media type
  label: string; // hers, sealed
  blob: Blob;
  original?: Blob | undefined;
  cleaned: boolean; // what devices write into files was looked for and is out
  disguised: boolean;
  found: Found[];
  seconds?: number | undefined; // of a recording
}

export type Later = "" | "yes" | "no" | "notnow";

export interface Story {
  title: string;
  warnings: string[];
  parts: Part[];
  later: Later; // whether she wants to choose a reader when it is stored
  writing: string; // text that is not a part yet
  recording?: { readonly key: number; readonly type: string } | undefined; // that goes on
  testimony?: string | undefined; // its name in the vault, once sending has begun
  next: number;
}

export function newStory(): Story {
  return { title: "", warnings: [], parts: [], later: "", writing: "", next: 1 };
}

let story = newStory();
const watchers: ((atOnce: boolean) => void)[] = [];

export function told(): Story {
  return story;
}

/** changed has drafts kept: a text soon after she typed, whole parts at once. */
export function changed(atOnce = false): void {
  for (const watcher of watchers) watcher(atOnce);
}

export function onChange(watcher: (atOnce: boolean) => void): void {
  watchers.push(watcher);
}

/** take goes on with a story that was kept. */
export function take(kept: Story): void {
  story = kept;
}

/** forget leaves nothing of it here. */
export function forget(): void {
  story = newStory();
}

export function isEmpty(): boolean {
  return story.parts.length === 0 && story.writing.trim() === "";
}

type Making = Omit<Part, "key" | "label" | "cleaned" | "disguised" | "found" | "name"> & Partial<Part>;

export function newKey(): number {
  return story.next++;
}

export function add(made: Making): Part {
  const part: Part = { label: "", name: "", cleaned: false, disguised: false, found: [], ...made, key: made.key ?? newKey() };
  story.parts.push(part);
  changed(true);
  return part;
}

export function remove(part: Part): void {
  story.parts = story.parts.filter((p) => p !== part);
  changed(true);
}

/** move puts a part one place earlier or later. */
export function move(part: Part, by: -1 | 1): void {
  const at = story.parts.indexOf(part);
  const other = story.parts[at + by];
  if (at < 0 || !other) return;
  story.parts[at + by] = part;
  story.parts[at] = other;
  changed(true);
}
