// Keeps the draft while she works: what she typed within two seconds, a recording slice
// by slice, a file once. What is kept is sealed (draft.ts); where it lies she decided.

import { text, utf8, type Bytes } from "../core/bytes.ts";
import { Failure } from "../core/failure.ts";
import type { Account } from "../ui/account.ts";
import { here } from "../ui/holder.ts";
import { openAll, sealPiece } from "./draft.ts";
import { keep, type Keeping } from "./keeping.ts";
import { memoryShelf, phoneHolds, phoneShelf, type Shelf } from "./shelf.ts";
import { newKey, newStory, onChange, told, type Part, type Story } from "./story.ts";

const soon = 1500; // milliseconds after a change
const piece = 1 << 20;
const mostKept = 64 * 2 ** 20; // of one file; a larger one is chosen again from where it is

interface Keeper {
  readonly account: Account;
  readonly shelf: Shelf;
  readonly where: Exclude<Keeping, "page">;
  readonly places: Map<string, number[]>; // of each content, where its pieces lie
  readonly state: number; // where the state lies
  next: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  line: Promise<unknown>; // writes stand in line
}

let keeper: Keeper | undefined;
let locked: { shelf: Shelf; where: Exclude<Keeping, "page"> } | undefined; // a draft whose words are not here

/** startKeeping begins to keep what she tells, and everything there is so far. An earlier draft of the same words is not
 *  written over: its parts come first, unless it was taken up already. Drafts of other words stay as they are. */
export async function startKeeping(account: Account, where: Exclude<Keeping, "page">, taken = false): Promise<void> {
  const shelf = locked?.where === where ? locked.shelf : where === "phone" ? await phoneShelf() : memoryShelf();
  const before = await restore(account, shelf);
  if (before && !taken) join(before.story);
  if (here() !== account) throw new Failure("stopped"); // locked meanwhile
  const last = (await shelf.all()).reduce((most, { at }) => Math.max(most, at), 0);
  keeper = { account, shelf, where, places: new Map(), state: last + 1, next: last + 2, timer: undefined, line: Promise.resolve() };
  locked = undefined;
  keep(where);
  await saveAll();
  for (const at of before?.places ?? []) await shelf.remove(at);
}

function join(before: Story): void {
  const now = told();
  now.parts.unshift(...before.parts.map((part) => ({ ...part, key: newKey() })));
  now.title ||= before.title;
  now.writing ||= before.writing;
  if (now.warnings.length === 0) now.warnings = before.warnings;
}

/** lockDraft lets go of what is open: the page locks itself. What is kept stays, and her words open it again. */
export function lockDraft(): boolean {
  const k = keeper;
  if (!k) return false;
  clearTimeout(k.timer);
  locked = { shelf: k.shelf, where: k.where };
  keeper = undefined;
  return true;
}

/** draftShelf is where a draft may lie that her words open, and how it is kept. */
export async function draftShelf(): Promise<{ shelf: Shelf; where: Exclude<Keeping, "page"> } | undefined> {
  if (locked) return locked;
  return (await phoneHolds()) ? { shelf: await phoneShelf(), where: "phone" } : undefined;
}

export function isKeeping(): boolean {
  return keeper !== undefined;
}

onChange((atOnce) => {
  const k = keeper;
  if (k && atOnce) void saveAll();
  else if (k) k.timer ??= setTimeout(() => void saveAll(), soon);
});

// A phone that goes to sleep runs no timers, and may not wake as this page.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void saveAll();
});

/** saveAll keeps what changed; it is also called before the page locks itself. */
export async function saveAll(): Promise<void> {
  const k = keeper;
  if (!k) return;
  clearTimeout(k.timer);
  k.timer = undefined;
  await inLine(k, async () => {
    if (keeper !== k) return; // locked while this stood in line: what is told now is another story, and nothing of the draft is taken away for it
    for (const part of told().parts) await saveContents(k, part);
    if (keeper !== k) return;
    await forgetOthers(k);
    await put(k, k.state, "state", 0, utf8(JSON.stringify(stateOf(told()))));
  });
}

/** keepSlice keeps one slice of a recording that goes on. */
export async function keepSlice(key: number, index: number, slice: Blob): Promise<void> {
  const k = keeper;
  if (k) await inLine(k, async () => add(k, `${String(key)}b`, index, await bytesOf(slice)));
}

/** stopKeeping wipes the draft: it was sent, or she wants it gone. */
export async function stopKeeping(): Promise<void> {
  const k = keeper;
  keeper = undefined;
  keep("page");
  if (!k) return;
  clearTimeout(k.timer);
  await k.line.catch(() => undefined);
  await removeAll(k, [k.state, ...[...k.places.values()].flat()]);
  await k.shelf.close();
}

async function inLine(k: Keeper, act: () => Promise<void>): Promise<void> {
  const mine = k.line.then(act, act);
  k.line = mine.catch(() => undefined);
  await mine;
}

async function saveContents(k: Keeper, part: Part): Promise<void> {
  if (part.kind === "text") return saveText(k, part);
  await saveBlob(k, `${String(part.key)}b`, part.blob);
  if (part.original) await saveBlob(k, `${String(part.key)}o`, part.original);
}

const texts = new WeakMap<Part, Blob>();

/** A text is rewritten whenever it changed. */
async function saveText(k: Keeper, part: Part): Promise<void> {
  const of = `${String(part.key)}b`;
  if (texts.get(part) === part.blob && k.places.has(of)) return;
  texts.set(part, part.blob);
  await drop(k, of);
  await add(k, of, 0, await bytesOf(part.blob));
}

/** saveBlob keeps a content once. What a recording kept on the way is replaced by the whole. */
async function saveBlob(k: Keeper, of: string, blob: Blob): Promise<void> {
  if ((done.get(blob) === of && k.places.has(of)) || blob.size > mostKept) return;
  const before = k.places.get(of) ?? [];
  k.places.delete(of);
  await removeAll(k, before);
  for (let i = 0; i * piece < blob.size; i++) await add(k, of, i, await bytesOf(blob.slice(i * piece, (i + 1) * piece)));
  done.set(blob, of);
}

const done = new WeakMap<Blob, string>();

async function forgetOthers(k: Keeper): Promise<void> {
  const live = new Set(told().parts.flatMap((p) => [`${String(p.key)}b`, `${String(p.key)}o`]));
  if (told().recording) live.add(`${String(told().recording?.key)}b`);
  for (const of of [...k.places.keys()]) if (!live.has(of)) await drop(k, of);
}

async function drop(k: Keeper, of: string): Promise<void> {
  const places = k.places.get(of) ?? [];
  k.places.delete(of);
  await removeAll(k, places);
}

async function removeAll(k: Keeper, places: number[]): Promise<void> {
  for (const at of places) await k.shelf.remove(at);
}

async function add(k: Keeper, of: string, index: number, bytes: Bytes): Promise<void> {
  const at = k.next++;
  k.places.set(of, [...(k.places.get(of) ?? []), at]);
  await put(k, at, of, index, bytes);
}

async function put(k: Keeper, at: number, of: string, index: number, bytes: Bytes): Promise<void> {
  await k.shelf.put(at, await sealPiece(k.account, { of, index }, bytes));
}

async function bytesOf(blob: Blob): Promise<Bytes> {
  return new Uint8Array(await blob.arrayBuffer());
}

type Kept = Omit<Part, "blob" | "original"> & { kept: boolean; original: boolean };
type State = Omit<Story, "parts"> & { parts: Kept[] };

function stateOf(story: Story): State {
  const parts = story.parts.map(({ blob, original, ...rest }) => ({ ...rest, kept: blob.size <= mostKept, original: (original?.size ?? mostKept + 1) <= mostKept }));
  return { ...story, parts };
}

/** A draft that was opened. missing are the names of files too large to be kept; slices a recording that broke off. */
export interface Draft {
  readonly story: Story;
  readonly missing: string[];
  readonly slices?: Blob;
  readonly key: number; // of the recording
  readonly places: number[];
}

/** restore opens a draft, or gives nothing where these words open none. */
export async function restore(account: Account, shelf: Shelf): Promise<Draft | undefined> {
  const { contents: found, places } = await openAll(account, shelf);
  const bytes = found.get("state")?.[0];
  if (!bytes) return undefined;
  const state = JSON.parse(text(bytes)) as State;
  const contents = (of: string, type: string) => new Blob(found.get(of) ?? [], { type });
  const parts = state.parts.filter((p) => p.kept && found.has(`${String(p.key)}b`));
  const story: Story = { ...newStory(), ...state, recording: undefined, parts: parts.map((p) => partOf(p, contents)) };
  const missing = state.parts.filter((p) => !parts.includes(p)).map((p) => p.name || p.label);
  const r = state.recording;
  const broken = r && found.has(`${String(r.key)}b`) ? { slices: contents(`${String(r.key)}b`, r.type) } : {};
  return { story, missing, places, key: r?.key ?? 0, ...broken };
}

function partOf(kept: Kept, contents: (of: string, type: string) => Blob): Part {
  const { original, kept: whole, ...rest } = kept;
  const blob = contents(`${String(kept.key)}b`, kept.type);
  return { ...rest, blob, ...(whole && original ? { original: contents(`${String(kept.key)}o`, kept.type) } : {}) };
}
