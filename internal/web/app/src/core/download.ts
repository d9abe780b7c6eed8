// Header ‖ payload of a part, as one age file, over lines that break (docs/protocol.md section 15; in Go api/client/remote.go and
// download.go). Which bytes these are is known from what was signed, and so is their entity tag: whatever comes under another
// one is not looked at. Going on asks for the range from the byte where it broke and takes only an answer that says that it is
// exactly this. A reader's going on never counts as another opening unless the caller agrees.
import { busy, send, waitFor, type Call } from "./call.ts";
import { base64url, concat, fromBase64url, type Bytes } from "./bytes.ts";
import type { Client } from "./client.ts";
import { Failure, is, problemIs } from "./failure.ts";
import type { Binding } from "./sealer.ts";
import { sha256 } from "./sha256.ts";

/** Where an age file is had, and whose it is. */
export interface Origin {
  path: string;
  of: string; // the grant or the testimony
  n: number;
  grant: boolean; // the vault counts openings of it
}

export interface Receiving {
  signal?: AbortSignal | undefined;
  watch?: ((arrived: number, of: number) => void) | undefined;
}

const maxHeader = 8 << 10;
const maxResumes = 5; // in a row that brought nothing
const stall = 60_000; // milliseconds without a byte: the line is broken

interface Remote extends Receiving {
  readonly c: Client;
  readonly from: Origin;
  readonly want: Binding;
  readonly etag: string;
  size: number; // of header and payload; 0 until an answer says so
  opened: boolean; // an answer has come: what is asked from here on goes on
}

/** etagOf is the entity tag of what was signed for. */
export function etagOf(want: Binding): string {
  return `"${base64url(sha256(concat(fromBase64url(want.header_sha256), fromBase64url(want.payload_sha256))))}"`;
}

/** download gives the header, and then the payload piece by piece. Codes: not-found, taken-back, changed, payload-swapped. */
export async function download(c: Client, from: Origin, want: Binding, how: Receiving = {}): Promise<{ header: Bytes; payload: AsyncGenerator<Bytes> }> {
  const r: Remote = { c, from, want, etag: etagOf(want), size: 0, opened: false, signal: how.signal, watch: how.watch };
  const pieces = stretch(r);
  let begun: Bytes = new Uint8Array(0);
  for (;;) {
    const next = await pieces.next();
    if (next.done === true) throw new Failure("payload-swapped", "it ends before its header");
    begun = concat(begun, next.value);
    const header = r.size - want.length;
    if (begun.length >= header) return { header: begun.slice(0, header), payload: rest(begun.slice(header), pieces) };
  }
}

async function* rest(first: Bytes, pieces: AsyncGenerator<Bytes>): AsyncGenerator<Bytes> {
  try {
    if (first.length > 0) yield first;
    yield* pieces;
  } finally {
    await pieces.return(undefined);
  }
}

/** stretch reads all of it. What comes is bounded by what was asked for, however much a server sends. */
async function* stretch(r: Remote): AsyncGenerator<Bytes> {
  let [at, stuck] = [0, 0];
  let body: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    while (r.size === 0 || at < r.size) {
      try {
        body ??= await open(r, at);
        const piece = (await next(body, r.signal)).slice(0, r.size - at);
        at += piece.length;
        stuck = 0;
        r.watch?.(at, r.size);
        yield piece;
      } catch (error) {
        void body?.cancel().catch(() => undefined);
        body = undefined;
        if (!busy(error) || !r.opened || ++stuck > maxResumes) throw error;
        await r.c.pause(waitFor(r.c, stuck, error), r.signal);
      }
    }
  } finally {
    void body?.cancel().catch(() => undefined);
  }
}

/** next waits for bytes as long as a line may be still. */
async function next(body: ReadableStreamDefaultReader<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const still = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failure("unavailable", "the line is still")), stall);
  });
  try {
    const read = await Promise.race([body.read(), still]);
    if (!read.done) return read.value;
  } catch (cause) {
    if (signal?.aborted === true) throw new Failure("stopped");
    throw cause instanceof Failure ? cause : new Failure("unavailable", "the line broke");
  } finally {
    clearTimeout(timer);
  }
  throw new Failure("unavailable", "the line broke");
}

async function open(r: Remote, at: number): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const response = await asked(r, at);
  try {
    check(r, response, at);
  } catch (error) {
    void response.body?.cancel().catch(() => undefined);
    throw error;
  }
  r.opened = true;
  if (response.body === null) throw new Failure("unavailable", "an answer without bytes");
  return response.body.getReader();
}

async function asked(r: Remote, at: number): Promise<Response> {
  try {
    return await send(r.c, request(r, at));
  } catch (error) {
    if (r.opened && is(error, "not-found")) throw new Failure("taken-back");
    if (!problemIs(error, "opening-over")) throw error;
  }
  await r.c.again(r.from.of, r.from.n); // before a read counts that nobody began
  r.opened = false;
  return send(r.c, request(r, at));
}

function request(r: Remote, at: number): Call {
  const headers: Record<string, string> = {};
  if (at > 0) Object.assign(headers, { Range: `bytes=${at}-`, "If-Range": r.etag });
  if (r.opened && r.from.grant) headers["Testimony-Opening"] = "goes-on";
  return { method: "GET", path: r.from.path, headers, signed: true, repeat: true, stream: true, signal: r.signal };
}

/** check holds an answer's head against what was asked. Nothing of the body has been read. */
function check(r: Remote, response: Response, at: number): void {
  if (response.headers.get("ETag") !== r.etag) throw new Failure("changed");
  const length = Number(response.headers.get("Content-Length") ?? "");
  if (response.status === 200 && at === 0) {
    learn(r, length);
    return;
  }
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(response.headers.get("Content-Range") ?? "");
  if (response.status !== 206 || at === 0 || range === null) throw new Failure("nonsense", "another part of the file than was asked for");
  const [first, last, size] = range.slice(1).map(Number);
  learn(r, size ?? 0);
  if (first !== at || last !== r.size - 1 || length !== r.size - at) throw new Failure("nonsense", "another part of the file than was asked for");
}

/** learn takes the vault's word for how long the file is, which is how long its header is: the payload's length was signed for,
 *  or is told by its digest. */
function learn(r: Remote, size: number): void {
  const header = size - r.want.length;
  const odd = !Number.isSafeInteger(size) || header <= 0 || header > maxHeader || (r.size !== 0 && r.size !== size);
  if (odd) throw new Failure("payload-swapped", "it has another length");
  r.size = size;
}
