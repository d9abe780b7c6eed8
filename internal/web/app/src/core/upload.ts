// Bringing a sealed payload into the slot that was begun for it, by tus 1.0 (docs/protocol.md section 5, Uploads; in Go
// api/client/transfer.go). It goes on where the vault says that it is, as often as it takes while anything arrives; what is
// sent is what was sent before, since the sealer compares each MiB first. Slices are whole in memory, never streams, and their
// size follows the line: on a slow one a pause or a break loses little, on a fast one requests are few. At the end the vault's
// digest of the whole must be that of what was sealed.
import type { Bytes } from "./bytes.ts";
import { busy, post, send, waitFor } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, is, problemIs } from "./failure.ts";
import type { History } from "./history.ts";
import { hashOf } from "./names.ts";
import { payloadPath, pathOf } from "./address.ts";
import { accepted, sayWith } from "./say.ts";
import type { Binding, Lock } from "./sealer.ts";
import { base64url } from "./bytes.ts";
import { saying } from "./statement.ts";

export interface Sending {
  signal?: AbortSignal | undefined;
  watch?: ((arrived: number, of: number) => void) | undefined;
}

/** Where a payload goes: n numbers it by her history, or fails. */
export interface Slot extends Sending {
  testimony: string;
  n: (h: History) => number;
}

export interface Uploaded {
  n: number;
  binding: Binding;
}

const maxKeys = 4; // how often an upload is begun anew
const maxStuck = 8; // attempts in a row that bring nothing
const maxBack = 4; // times the vault may have less than before, because some of it was damaged there
const leastSlice = 64 << 10;
const firstSlice = 256 << 10;
const mostSlice = 8 << 20;
const quick = 3_000; // milliseconds: a slice that took less is doubled
const slow = 15_000; // and one that took more is halved
const firstLimit = 120_000; // milliseconds that the first slice may take: 20 kbit/s
const mostLimit = 600_000;

/** upload begins a slot and brings a payload into it. When the slot is taken away under its hands, it begins anew under a new
 *  key: make gives a fresh lock. The lock is released before this returns. */
export async function upload(c: Client, slot: Slot, make: () => Promise<Lock>): Promise<Uploaded> {
  for (let key = 1; ; key++) {
    const lock = await make();
    try {
      const n = await begin(c, slot, lock);
      return { n, binding: await transfer(c, payloadPath(slot.testimony, n), lock, 0, slot) };
    } catch (error) {
      if (!isLost(error) || key === maxKeys) throw error;
    } finally {
      keysOf(c).release(lock);
    }
  }
}

/** begin signs for header, nonce and length before byte 0, and opens the slot. */
async function begin(c: Client, slot: Slot, lock: Lock): Promise<number> {
  let n = 0;
  await sayWith(c, (h) => {
    n = slot.n(h);
    const { testimony } = slot;
    return saying("begin", { testimony, n, header_sha256: hashOf(lock.header), nonce: base64url(lock.nonce), length: lock.length });
  }, (statement) => post(c, `${pathOf(slot.testimony)}/parts`, { statement, header: base64url(lock.header) }, accepted, { signal: slot.signal }));
  return n;
}

const lostMark = "the upload is no longer there";

/** isLost says that the slot is gone, or was begun anew by another device of hers. */
export function isLost(error: unknown): boolean {
  return is(error, "not-found") || problemIs(error, "digest-mismatch", "conflict") ||
    (is(error, "upload") && error.message.endsWith(lostMark));
}

interface Transfer extends Sending {
  readonly c: Client;
  readonly path: string;
  readonly lock: Lock;
  readonly name: string; // Upload-Header-SHA256: tells two uploads apart that two devices began under one number
  offset: number; // that the vault has confirmed
  unsure: boolean; // the offset has to be asked for
  digest: string; // Repr-Digest, as the vault said it last
  back: number;
  slice: number;
  pace: number; // milliseconds a byte took last; 0 for not known
  next: { from: number; bytes: Promise<Bytes> } | undefined; // sealed while the one before is on its way
}

/** transfer fills a slot of which `there` bytes are there, and gives what was sealed. */
export async function transfer(c: Client, path: string, lock: Lock, there: number, how: Sending): Promise<Binding> {
  const t: Transfer = { c, path, lock, name: hashOf(lock.header), offset: there, unsure: there > 0, digest: "", back: 0,
    slice: firstSlice, pace: 0, next: undefined, signal: how.signal, watch: how.watch };
  for (let stuck = 0; t.offset < lock.length; ) {
    const [before, asked] = [t.offset, t.unsure];
    const error = await step(t);
    if (t.offset > before) stuck = 0;
    else if (error !== undefined || !asked) {
      if (error !== undefined && !broke(error)) throw error;
      if (++stuck === maxStuck) throw new Failure("unavailable", "what has arrived is kept", { cause: error });
      t.slice = Math.max(leastSlice, t.slice / 2);
      await c.pause(waitFor(c, stuck, error), t.signal);
    }
  }
  return finish(t);
}

/** step sends the next slice, or asks how much is there. It gives the error, which may be the line's. */
async function step(t: Transfer): Promise<Error | undefined> {
  try {
    if (t.unsure) await ask(t);
    else await sendSlice(t);
    return undefined;
  } catch (error) {
    t.unsure = true;
    if (is(error, "stopped") || !(error instanceof Error)) throw error;
    return error;
  }
}

/** ask finds out what has arrived. */
async function ask(t: Transfer): Promise<void> {
  const { headers } = await send(t.c, { method: "HEAD", path: t.path, headers: { "Tus-Resumable": "1.0.0" }, signed: true, repeat: true, signal: t.signal });
  if (headers.get("Upload-Header-SHA256") !== t.name) throw new Failure("upload", lostMark);
  if (headers.get("Upload-Length") !== String(t.lock.length)) throw new Failure("upload", "it was begun with another length");
  confirmed(t, headers);
}

async function sendSlice(t: Transfer): Promise<void> {
  const from = t.offset;
  const bytes = await slice(t, from);
  const sent = t.c.now();
  const headers = { "Tus-Resumable": "1.0.0", "Upload-Offset": String(from), "Upload-Header-SHA256": t.name };
  const sending = send(t.c, { method: "PATCH", path: t.path, bytes, media: "application/offset+octet-stream", headers, signed: true,
    limit: limitFor(t, bytes.length), signal: t.signal });
  if (from + bytes.length < t.lock.length) t.next = prepared(t, from + bytes.length);
  const response = await sending;
  confirmed(t, response.headers);
  if (t.offset <= from) throw new Failure("unavailable", "it took nothing of what was sent");
  adapt(t, t.c.now() - sent, bytes.length);
}

/** limitFor is how long a slice may take: a line that is five times slower than it was is dead, and is tried anew. */
function limitFor(t: Transfer, bytes: number): number {
  return t.pace === 0 ? firstLimit : Math.min(mostLimit, firstLimit / 4 + 5 * t.pace * bytes);
}

/** slice seals what comes next, unless that was done while the one before was on its way. */
async function slice(t: Transfer, from: number): Promise<Bytes> {
  const ready = t.next?.from === from ? t.next : prepared(t, from);
  t.next = undefined;
  return ready.bytes;
}

function prepared(t: Transfer, from: number): { from: number; bytes: Promise<Bytes> } {
  const bytes = keysOf(t.c).seal(t.lock, from, Math.min(from + t.slice, t.lock.length));
  bytes.catch(() => undefined); // whoever takes it hears of it
  return { from, bytes };
}

function adapt(t: Transfer, took: number, bytes: number): void {
  t.pace = took / bytes;
  if (took < quick) t.slice = Math.min(mostSlice, t.slice * 2);
  if (took > slow) t.slice = Math.max(leastSlice, t.slice / 2);
}

/** confirmed takes the vault's word for how much it has. Whether it lies shows at the end, in the digest of the whole. */
function confirmed(t: Transfer, headers: Headers): void {
  const said = headers.get("Upload-Offset") ?? "";
  if (!/^\d{1,15}$/.test(said)) throw new Failure("nonsense", "it does not say how much has arrived");
  const at = Number(said);
  if (at > t.lock.length) throw new Failure("upload", "it has more of it than there is");
  if (at < t.offset && ++t.back > maxBack) throw new Failure("upload", "it had more of it before, again and again");
  t.offset = at;
  t.unsure = false;
  t.digest = headers.get("Repr-Digest") ?? "";
  t.watch?.(at, t.lock.length);
}

/** finish compares digests: the vault holds exactly what was sealed. */
async function finish(t: Transfer): Promise<Binding> {
  const binding = await keysOf(t.c).bind(t.lock);
  if (t.digest === "") await ask(t);
  const standard = binding.payload_sha256.replaceAll("-", "+").replaceAll("_", "/");
  if (t.digest !== `sha-256=:${standard}=:`) throw new Failure("stored");
  return binding;
}

/** broke says whether an error is a line's, or another that asking again may mend: a request of ours that the vault still
 *  thinks is under way, an offset that moved. */
function broke(error: unknown): boolean {
  if (busy(error)) return true;
  const status = error instanceof Failure ? error.problem?.status : undefined;
  return !problemIs(error, "conflict") && (status === 409 || status === 423 || status === 500);
}
