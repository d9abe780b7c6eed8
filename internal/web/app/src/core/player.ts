// The content of a granted part at any place, for a player that seeks (docs/protocol.md section 15; in Go api/client/player.go). It is
// an opening like any other: she sees it before the first byte leaves the vault. Header and commitment are verified first, then the
// last chunk, which proves the length; each stretch is authenticated at its place. All of the payload is never seen, so it cannot
// be told from what another holder of the same file key sealed, if that one also controls what is served: look and listen with it;
// quote, keep and forward only what came whole.
import type { Bytes } from "./bytes.ts";
import { send, type Call } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { etagOf } from "./download.ts";
import { Failure, is, problemIs } from "./failure.ts";
import { grantIn, wanted, type Received } from "./inbox.ts";
import type { Fetch } from "./ranging.ts";
import type { Wanted } from "./reading.ts";
import type { Binding, PartInfo } from "./sealer.ts";

/** A content that is opened by stretches. */
export interface Stretches {
  readonly info: PartInfo;
  readonly size: number;
  /** read gives the content's bytes from `from` up to `to`. Codes: taken-back, changed, payload-swapped. */
  read(from: number, to: number): Promise<Bytes>;
  /** stop forgets the key. */
  stop(): void;
}

export interface Playing extends Stretches {
  readonly received: Received;
}

/** What opens stretches: the keys in the worker. */
export interface Ranging {
  range(header: Bytes, of: Binding, fetch: Fetch, shared?: number): Promise<Stretches>;
}

const maxHeader = 8 << 10;
const first = 128 << 10; // bytes: header, nonce and first chunk, and the head of most recordings

/** play opens a granted part for playing. Codes as of openGranted. */
export async function play(c: Client, keys: Ranging, grant: string, n: number): Promise<Playing> {
  const found = await grantIn(c, grant);
  const w = await wanted(c, found, n);
  try {
    const line: Line = { c, ...w, etag: etagOf(w.want), size: 0, opened: false };
    const begun = await fetchAt(line, 0, first);
    const at = line.size - w.want.length;
    const fetch: Fetch = (from, to) => (at + to <= begun.length ? Promise.resolve(begun.slice(at + from, at + to)) : fetchAt(line, at + from, at + to));
    const opened = await keys.range(begun.slice(0, at), w.want, fetch, w.shared);
    return { info: opened.info, size: opened.size, received: found.received, read: (from, to) => opened.read(from, to), stop: () => opened.stop() };
  } finally {
    if (w.shared !== undefined) keysOf(c).leave(w.shared);
  }
}

interface Line extends Wanted {
  readonly c: Client;
  readonly etag: string;
  size: number; // of header and payload; 0 until an answer says so
  opened: boolean; // an answer has come: what is asked from here on goes on
}

/** fetchAt gives exactly the bytes from `from` up to `to`, or up to the end of the file. */
async function fetchAt(line: Line, from: number, to: number): Promise<Bytes> {
  const response = await asked(line, from, to);
  const length = check(line, response, from, to);
  line.opened = true;
  const bytes = await bodyOf(response);
  if (bytes.length !== length) throw new Failure("unavailable", "the answer broke off");
  return bytes;
}

async function bodyOf(response: Response): Promise<Bytes> {
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new Failure("unavailable", "the answer broke off", { cause: cause instanceof Error ? cause.name : undefined });
  }
}

async function asked(line: Line, from: number, to: number): Promise<Response> {
  try {
    return await send(line.c, request(line, from, to));
  } catch (error) {
    if (line.opened && is(error, "not-found")) throw new Failure("taken-back");
    if (!problemIs(error, "opening-over")) throw error;
  }
  await line.c.again(line.from.of, line.from.n); // before a read counts that nobody began
  line.opened = false;
  return send(line.c, request(line, from, to));
}

function request(line: Line, from: number, to: number): Call {
  const headers: Record<string, string> = { Range: `bytes=${String(from)}-${String(to - 1)}`, "If-Range": line.etag };
  if (line.opened) headers["Testimony-Opening"] = "goes-on";
  return { method: "GET", path: line.from.path, headers, signed: true, repeat: true };
}

/** check holds an answer's head against what was asked, and gives the length of its body. Nothing of it has been read. The file's
 *  length is the vault's word: the payload's was signed for, and what is left is the header, whose digest was. */
function check(line: Line, response: Response, from: number, to: number): number {
  if (response.headers.get("ETag") !== line.etag) throw new Failure("changed");
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(response.headers.get("Content-Range") ?? "");
  if (response.status !== 206 || range === null) throw new Failure("nonsense", "another part of the file than was asked for");
  const [begins = 0, ends = 0, size = 0] = range.slice(1).map(Number);
  const header = size - line.want.length;
  if (header <= 0 || header > maxHeader || (line.size !== 0 && line.size !== size)) throw new Failure("payload-swapped", "it has another length");
  line.size = size;
  const length = Math.min(to, size) - from;
  const odd = begins !== from || ends !== from + length - 1 || Number(response.headers.get("Content-Length")) !== length;
  if (odd) throw new Failure("nonsense", "another part of the file than was asked for");
  return length;
}
