// Keeps the draft while she works: what she typed within two seconds, a recording slice
// by slice, a file once. What is kept is sealed (draft.ts); where it lies she decided.

import { text, utf8, type Bytes } from "../core/bytes.ts";
import type { Account } from "../ui/account.ts";
import { openAll, sealPiece } from "./draft.ts";
import { keep, type Keeping } from "./keeping.ts";
import { memoryShelf, phoneShelf, type Shelf } from "./shelf.ts";
import { newStory, onChange, told, type Part, type Story } from "./story.ts";

const soon = 1500; // milliseconds after a change
const piece = 1 << 20;
const mostKept = 64 * 2 ** 20; // of one file; a larger one is chosen again from where it is

interface Keeper {
  readonly account: Account;
  readonly shelf: Shelf;
  readonly places: Map<string, number[]>; // of each content, where its pieces lie
  next: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  line: Promise<unknown>; // writes stand in line
}

let keeper: Keeper | undefined;

/** startKeeping begins to keep what she tells, and everything there is so far. */
export async function startKeeping(account: Account, where: Exclude<Keeping, "page">): Promise<void> {
  const shelf = where === "phone" ? await phoneShelf() : memoryShelf();
  keeper = { account, shelf, places: new Map(), next: 1, timer: undefined, line: Promise.resolve() };
  keep(where);
  await saveAll();
}

export function isKeeping(): boolean {
  return keeper !== undefined;
}

onChange(() => {
  const k = keeper;
  if (k) k.timer ??= setTimeout(() => void saveAll(), soon);
});

/** saveAll keeps what changed; it is also called before the page locks itself. */
export async function saveAll(): Promise<void> {
  const k = keeper;
  if (!k) return;
  clearTimeout(k.timer);
  k.timer = undefined;
  await inLine(k, async () => {
    for (const part of told().parts) await saveContents(k, part);
    await forgetOthers(k);
    await put(k, 0, "state", 0, utf8(JSON.stringify(stateOf(told()))));
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
  await k.shelf.clear();
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
  if (done.get(blob) === of || blob.size > mostKept) return;
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

/** restore opens a draft, or gives nothing where these words open none. missing are the names of files too large to be kept. */
export async function restore(account: Account, shelf: Shelf): Promise<{ story: Story; missing: string[]; slices?: Blob } | undefined> {
  const found = await openAll(account, shelf);
  const bytes = found.get("state")?.[0];
  if (!bytes) return undefined;
  const state = JSON.parse(text(bytes)) as State;
  const contents = (of: string, type: string) => new Blob(found.get(of) ?? [], { type });
  const parts = state.parts.filter((p) => p.kept && found.has(`${String(p.key)}b`));
  const story: Story = { ...newStory(), ...state, recording: undefined, parts: parts.map((p) => partOf(p, contents)) };
  const missing = state.parts.filter((p) => !parts.includes(p)).map((p) => p.name || p.label);
  const r = state.recording;
  return { story, missing, ...(r && found.has(`${String(r.key)}b`) ? { slices: contents(`${String(r.key)}b`, r.type) } : {}) };
}

function partOf(kept: Kept, contents: (of: string, type: string) => Blob): Part {
  const { original, kept: whole, ...rest } = kept;
  const blob = contents(`${String(kept.key)}b`, kept.type);
  return { ...rest, blob, ...(whole && original ? { original: contents(`${String(kept.key)}o`, kept.type) } : {}) };
}
