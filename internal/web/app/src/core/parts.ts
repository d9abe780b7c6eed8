// Parts on their way: added, unfinished, gone on with from another phone, adopted (docs/protocol.md section 8, Going on; in Go
// api/client/part.go, unfinished.go, resume.go, adopt.go). An upload is gone on with only where header, nonce and length are
// those she signed, and only with the very content whose nonce she signed: another file is refused before a byte is sent.
import { base64url, fromBase64url } from "./bytes.ts";
import type { Bodies } from "./bodies.ts";
import { post, send } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, is } from "./failure.ts";
import { history, refresh, type History } from "./history.ts";
import { partOf, surely, testimonyOf } from "./known.ts";
import { hashOf } from "./names.ts";
import { bytesAt, claimed, partPath, pathOf, payloadPath, type ClaimedPart, type ClaimedUpload } from "./address.ts";
import { openStanding, type Opened } from "./reading.ts";
import { accepted, sayOne, sayWith } from "./say.ts";
import type { Binding, Lock, PartInfo } from "./sealer.ts";
import { saying, type StatementOf } from "./statement.ts";
import { sealSmall } from "./create.ts";
import type { Content, OpenOptions, SendOptions } from "./testimonies.ts";
import { describe } from "./titles.ts";
import { isLost, transfer, upload, type Uploaded } from "./upload.ts";
import { vaultInfo } from "./vault.ts";

/** An upload of hers that was begun and is no part yet, on this device or another. */
export interface Unfinished {
  testimony: string;
  n: number;
  length: number; // of the sealed content, by her own statement
  received: number; // of it in the vault, by its word
  until: number; // Unix seconds: the vault keeps it until then; 0 where it does not say
  relock: boolean; // begun to lock a part anew: goes on from its beginning
  info?: PartInfo; // absent while less than 64 KiB have arrived
  size?: number; // of the content
  doubt?: Failure; // upload-swapped, own-keys, planted: never gone on with
}

/** An unfinished upload of the very content that was asked about. Resume or drop it: it holds a key. */
export interface Resumable extends Unfinished {
  readonly known: boolean; // false: next to nothing is there, and it begins again
  resume(options?: SendOptions): Promise<number>; // the part's number
  drop(): void;
}

/** addPart seals one more part and stores it; label and link go into the card. It gives the number. */
export async function addPart(c: Client, testimony: string, content: Content, options: SendOptions = {}): Promise<number> {
  const size = await keysOf(c).payloadSize(content.info, content.blob.size);
  const { limits } = await vaultInfo(c);
  const n = size <= limits.inline_payload ? await addSmall(c, testimony, content, options) : await addLarge(c, testimony, content, options);
  await describe(c, testimony, n, content);
  return n;
}

/** nextFor is the number behind every one her statements ever used, if the content fits what is there by her own word. */
function nextFor(h: History, testimony: string, content: Content): number {
  const hers = testimonyOf(h, testimony);
  if (content.info.captured !== undefined && !hers.evidence) throw new Failure("refused", "what a device knew is stored in evidence mode only");
  if (content.info.derived_from !== 0) partOf(h, testimony, content.info.derived_from);
  return nextNumber(h, testimony);
}

/** nextNumber is the number behind every one that her statements ever used. */
export function nextNumber(h: History, testimony: string): number {
  let last = 0;
  for (const { act, body } of h.chain.statements) {
    if ((act === "add" || act === "begin" || act === "received" || act === "adopt") && body.testimony === testimony) last = Math.max(last, body.n);
  }
  return last + 1;
}

/** addSmall numbers the part when it signs for it, not before: another device may be adding one too. */
async function addSmall(c: Client, testimony: string, content: Content, options: SendOptions): Promise<number> {
  const { header, payload, binding } = await sealSmall(c, content);
  let n = 0;
  await sayWith(c, (h) => {
    n = nextFor(h, testimony, content);
    return saying("add", { testimony, n, ...binding });
  }, (statement) => post(c, `${pathOf(testimony)}/parts`, { statement, header: base64url(header), payload: base64url(payload) }, accepted, options));
  options.watch?.(binding.length, binding.length);
  return n;
}

async function addLarge(c: Client, testimony: string, content: Content, options: SendOptions): Promise<number> {
  const slot = { ...options, testimony, n: (h: History) => nextFor(h, testimony, content) };
  const up = await upload(c, slot, () => keysOf(c).lock(content.info, content.blob));
  await sayAdded(c, testimony, up);
  return up.n;
}

/** sayAdded makes what was uploaded a part of hers. */
async function sayAdded(c: Client, testimony: string, up: Uploaded): Promise<void> {
  await sayOne(c, `${partPath(testimony, up.n)}/add`, (h) => {
    if (testimonyOf(h, testimony).parts.has(up.n)) throw new Failure("number-taken");
    return saying("add", { testimony, n: up.n, ...up.binding });
  });
}

/** An unfinished upload with what it takes to go on with it; no lock where there is a doubt. */
interface Half extends Unfinished {
  lock?: Lock;
}

/** unfinished lists uploads of one testimony, or of all. */
export function unfinished(c: Client, testimony = ""): Promise<Unfinished[]> {
  return surely(c, async (h) => {
    const all = await halves(c, h, testimony);
    return all.map(({ lock, ...shown }) => {
      if (lock !== undefined) keysOf(c).release(lock);
      return shown;
    });
  });
}

async function halves(c: Client, h: History, only: string): Promise<Half[]> {
  const out: Half[] = [];
  for (const [testimony, hers] of h.book.testimonies) {
    if (hers.erased || (only === "" ? hers.begun.size === 0 : only !== testimony)) continue;
    for (const claim of (await claimed(c, testimony)).uploads) {
      out.push(await halfOf(c, testimony, claim, hers.begun.get(claim.n), hers.parts.has(claim.n)));
    }
  }
  return out;
}

/** halfOf holds one upload against what she signed when she began it. */
async function halfOf(c: Client, testimony: string, claim: ClaimedUpload, begun: Bodies["begin"] | undefined, relock: boolean): Promise<Half> {
  const half: Half = { testimony, n: claim.n, length: begun?.length ?? 0, received: 0, until: 0, relock };
  if (begun === undefined) return { ...half, doubt: new Failure("planted") };
  try {
    half.lock = await begunLock(c, begun, claim);
    half.received = claim.received;
    await describeHalf(c, half, half.lock);
  } catch (doubt) {
    if (!is(doubt, "upload-swapped", "own-keys", "not-found", "nonsense", "payload-swapped")) throw doubt;
    if (half.lock !== undefined) keysOf(c).release(half.lock);
    delete half.lock;
    half.doubt = doubt;
  }
  return half;
}

/** begunLock is the lock that she began an upload with, if the vault lists that very upload. A key that the vault could know is
 *  none of hers: she signed the header. */
function begunLock(c: Client, begun: Bodies["begin"], claim: ClaimedUpload): Promise<Lock> {
  const same = claim.header_sha256 === begun.header_sha256 && hashOf(claim.header) === begun.header_sha256 && claim.nonce === begun.nonce &&
    claim.length === begun.length && claim.received >= 0 && claim.received <= begun.length;
  if (!same) throw new Failure("upload-swapped");
  return keysOf(c).take({ header: claim.header, nonce: fromBase64url(begun.nonce), length: begun.length });
}

const beginning = 16 + 65_536 + 16; // nonce and first chunk

/** describeHalf finds out until when it is kept and, once enough is there, what it is. */
async function describeHalf(c: Client, half: Half, lock: Lock): Promise<void> {
  const path = payloadPath(half.testimony, half.n);
  const { headers } = await send(c, { method: "HEAD", path, headers: { "Tus-Resumable": "1.0.0" }, signed: true, repeat: true });
  const until = Date.parse(headers.get("Upload-Expires") ?? "");
  if (until > 0) half.until = Math.floor(until / 1000);
  const enough = Math.min(beginning, half.length);
  if (half.received < enough) return;
  const { info, size } = await keysOf(c).look(lock, await bytesAt(c, path, 0, enough));
  half.info = info;
  half.size = size;
}

/** findUnfinished looks for an earlier try to store this very content, on whatever device and under whatever name. What was said
 *  of it at the first try is sealed already and stays. Codes: other-file (an upload under this name was begun with another
 *  file: nothing was sent), said-otherwise. */
export async function findUnfinished(c: Client, content: Content, testimony = ""): Promise<Resumable | undefined> {
  const size = await keysOf(c).payloadSize(content.info, content.blob.size);
  if (size <= (await vaultInfo(c)).limits.inline_payload) return undefined;
  const all = await halves(c, await refresh(c), testimony);
  let kept: Half | undefined;
  try {
    const found = await first(c, all, content, size);
    kept = found?.half;
    return found === undefined ? undefined : resumable(c, found.half, found.lock, content);
  } finally {
    for (const half of all) if (half !== kept && half.lock !== undefined) keysOf(c).release(half.lock);
  }
}

/** first is the upload that is of a content, or else one of which too little is there to tell. */
async function first(c: Client, all: Half[], content: Content, size: number): Promise<{ half: Half; lock: Lock } | undefined> {
  let stub: { half: Half; lock: Lock } | undefined;
  let other = false;
  for (const half of all) {
    const { lock, info } = half;
    if (lock === undefined || half.relock) continue;
    if (info === undefined) {
      if (half.length === size) stub = { half, lock };
      continue;
    }
    if (info.kind !== content.info.kind || info.derived_from !== content.info.derived_from) continue;
    const named = info.name === content.info.name && (info.name !== "" || half.size === content.blob.size);
    if (half.size === content.blob.size && (await keysOf(c).fits(lock, info, content.blob))) return saidBefore(content.info, info, { half, lock });
    other ||= named;
  }
  if (other) throw new Failure("other-file");
  return stub;
}

/** saidBefore refuses to go on where something else is said of a content now: the first word is sealed in. */
function saidBefore<T>(now: PartInfo, then: PartInfo, found: T): T {
  const same = (a: unknown, b: unknown) => a === undefined || JSON.stringify(a) === JSON.stringify(b);
  if (same(now.people, then.people) && same(now.captured, then.captured)) return found;
  throw new Failure("said-otherwise");
}

function resumable(c: Client, half: Half, lock: Lock, content: Content): Resumable {
  const shown: Half = { ...half };
  delete shown.lock;
  return {
    ...shown,
    known: half.info !== undefined,
    drop: () => keysOf(c).release(lock),
    resume: (options = {}) => resume(c, half, lock, content, options),
  };
}

/** resume goes on and makes it a part. If the vault turns out to hold other bytes than were sent, or the slot is taken, all is
 *  sent anew, under a new key. */
async function resume(c: Client, half: Half, lock: Lock, content: Content, options: SendOptions): Promise<number> {
  const { testimony } = half;
  const header = hashOf(lock.header);
  const number = (h: History) =>
    testimonyOf(h, testimony).begun.get(half.n)?.header_sha256 === header ? half.n : nextFor(h, testimony, content);
  const info = half.info ?? content.info;
  const up = (await goOn(c, half, lock, options)) ??
    (await upload(c, { ...options, testimony, n: number }, () => keysOf(c).lock(info, content.blob)));
  await sayAdded(c, testimony, up);
  await describe(c, testimony, up.n, content);
  return up.n;
}

/** goOn fills the slot that is there; undefined is one that cannot be gone on with. */
async function goOn(c: Client, half: Half, lock: Lock, options: SendOptions): Promise<Uploaded | undefined> {
  try {
    if (half.info === undefined) return undefined;
    return { n: half.n, binding: await transfer(c, payloadPath(half.testimony, half.n), lock, half.received, options) };
  } catch (error) {
    if (is(error, "stored") || isLost(error)) return undefined;
    throw error;
  } finally {
    keysOf(c).release(lock);
  }
}

/** abandon gives an upload up: what the vault has of it is deleted. */
export async function abandon(c: Client, testimony: string, n: number): Promise<void> {
  await send(c, { method: "DELETE", path: payloadPath(testimony, n), headers: { "Tus-Resumable": "1.0.0" }, signed: true, repeat: true });
}

/** openArrived opens a part that the vault sealed and that waits for her word. It signs nothing. */
export async function openArrived(c: Client, testimony: string, n: number, options: OpenOptions = {}): Promise<Opened> {
  return inspect(c, testimony, await arrival(c, testimony, n), options);
}

/** adopt opens it and signs that it is hers. What was handed over was in the vault's memory, so this proves no more than that the
 *  stored part is what was opened, of the length she handed over. */
export async function adopt(c: Client, testimony: string, n: number, options: OpenOptions = {}): Promise<void> {
  const found = await arrival(c, testimony, n);
  await inspect(c, testimony, found, options);
  const body = { testimony, n, ...bindingOf(found.part), received_sha256: found.received.hash };
  await sayOne(c, `${partPath(testimony, n)}/adopt`, () => saying("adopt", body));
}

interface Arrival {
  part: ClaimedPart;
  received: StatementOf<"received">;
}

/** arrival finds a part that waits for her word, and her word that she handed it over. */
async function arrival(c: Client, testimony: string, n: number): Promise<Arrival> {
  await refresh(c);
  const hers = testimonyOf(await history(c), testimony);
  if (hers.parts.has(n)) throw new Failure("refused", "it is yours already");
  const received = hers.received.get(n);
  if (received === undefined) throw new Failure("planted", "you never handed it over");
  const part = (await claimed(c, testimony)).parts.find((p) => p.n === n && p.arrived);
  if (part === undefined) throw new Failure("not-found");
  if (part.received !== received.compact) throw new Failure("planted", "the vault shows another handing-over than yours");
  if (part.classic) throw new Failure("classic");
  return { part, received };
}

function bindingOf(p: ClaimedPart): Binding {
  return { length: p.length, payload_sha256: p.payload_sha256, commit: p.commit, header_sha256: p.header_sha256 };
}

/** inspect opens the part against the vault's word, which thereby becomes what she has seen for herself and can sign. */
async function inspect(c: Client, testimony: string, { part, received }: Arrival, options: OpenOptions): Promise<Opened> {
  const from = { path: `${partPath(testimony, part.n)}/content`, of: testimony, n: part.n, grant: false };
  const check = (_: PartInfo, size: number) => {
    if (size !== received.body.length) throw new Failure("payload-swapped", "it has another length than was handed over");
  };
  try {
    return await openStanding(c, () => Promise.resolve({ from, want: bindingOf(part) }), { ...options, check });
  } catch (error) {
    throw is(error, "changed") ? new Failure("part-swapped") : error; // only what is hers already can be locked anew
  }
}
