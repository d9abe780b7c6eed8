// Requests (docs/protocol.md sections 4 to 6; in Go api/client/call.go and attempt.go): each attempt with a proof of its own,
// repeated where that is safe, at most six times with pauses that grow and jitter. Nothing is said about the device, no
// redirect is followed: it would carry the request to an address that neither the card nor the proof names.
import type { Bytes } from "./bytes.ts";
import { parse } from "./canonical.ts";
import type { Client } from "./client.ts";
import { prove, type ProofKey } from "./dpop.ts";
import { Failure, held, is, problemIs } from "./failure.ts";
import { newUuid } from "./names.ts";
import { failureOf } from "./problem.ts";
import { credentials, signOut, time, type Credentials } from "./session.ts";
import type { Shape } from "./shape.ts";

export interface Call {
  method: string;
  path: string; // with its query, from the root
  body?: unknown; // JSON
  bytes?: Blob | Bytes; // in place of body; never a stream: Firefox would send its name
  media?: string; // of bytes
  headers?: Readonly<Record<string, string>>;
  signed?: boolean; // with the account's session
  proof?: ProofKey; // in place of the session, while there is none
  /** The same request may be sent again when its fate is not known: it reads, or carries an idempotency key. */
  repeat?: boolean;
  /** Milliseconds that the answer may take to begin. A phone that changed its cell is never told that the old line is gone. */
  limit?: number;
  /** The body is read piece by piece: the signal goes on to stop it. */
  stream?: boolean;
  signal?: AbortSignal | undefined;
}

const attempts = 6;
const answers = 3;
const firstPause = 250; // milliseconds
const longPause = 30_000;
const patience = 120_000;

/** send sends the call until it has an answer that stands, or throws a Failure. */
export async function send(c: Client, call: Call): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(c, call);
    } catch (error) {
      const anew = problemIs(error, "use-dpop-nonce", "unauthorized");
      const later = busy(error) || problemIs(error, "idempotency-in-flight");
      const may = anew ? call.signed === true || call.proof !== undefined : later && call.repeat === true;
      if (!may || attempt === attempts) throw error;
      if (!anew) await c.pause(waitFor(c, attempt, error), call.signal);
    }
  }
}

/** busy says that a pause may help. */
export function busy(error: unknown): error is Failure {
  return is(error, "unavailable", "too-many");
}

/** waitFor is what the vault asked for, within reason, or a random time up to a bound that doubles, so that a thousand
 *  clients do not come back in step. */
export function waitFor(c: Client, attempt: number, error: unknown): number {
  const asked = error instanceof Failure ? error.retryAfter : undefined;
  if (asked !== undefined) return Math.min(asked * 1000, longPause);
  const bound = Math.min(firstPause * 2 ** attempt, longPause);
  const [a = 0, b = 0] = c.random(2);
  return bound / 2 + (bound / 2) * ((a * 256 + b) / 65_536);
}

async function attemptOnce(c: Client, call: Call): Promise<Response> {
  const live = call.signed === true ? await credentials(c) : call.proof && { key: call.proof, token: "" };
  const response = await reach(c, call, await requestOf(c, call, live));
  c.session.nonce = response.headers.get("DPoP-Nonce") ?? c.session.nonce;
  if (response.ok) return response;
  const failure = await failureOf(response, call.method);
  if (live !== undefined && live.token !== "" && problemIs(failure, "unauthorized")) signOut(c, live.token);
  throw failure;
}

async function requestOf(c: Client, call: Call, live: Credentials | undefined): Promise<RequestInit> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json, application/octet-stream", ...call.headers };
  if (c.language !== "") headers["Accept-Language"] = c.language;
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  if (call.bytes !== undefined) headers["Content-Type"] = call.media ?? "application/octet-stream";
  if (live !== undefined) {
    const occasion = { method: call.method, url: c.server + call.path, token: live.token, nonce: c.session.nonce, time: time(c) };
    headers["DPoP"] = await prove(live.key, occasion, c.random);
    if (live.token !== "") headers["Authorization"] = `DPoP ${live.token}`;
  }
  const body = call.body === undefined ? bodyOf(call.bytes) : JSON.stringify(call.body);
  return { method: call.method, headers, ...(body === undefined ? {} : { body }), redirect: "error", credentials: "omit", cache: "no-store",
    referrerPolicy: "no-referrer" };
}

const long = 65_536; // bytes

/** bodyOf gives long bytes as a Blob: Chromium keeps the bytes of a request in the page's own process until it has time to clear
 *  up, which took 400 MiB more there, and five times as long, than to hand a Blob on (docs/performance.md). */
function bodyOf(bytes: Bytes | Blob | undefined): Bytes | Blob | undefined {
  return bytes instanceof Uint8Array && bytes.length > long ? new Blob([bytes]) : bytes;
}

/** reach sends one request. Its signal ends with the answer's beginning: a body may take longer, and has its own guard. */
async function reach(c: Client, call: Call, init: RequestInit): Promise<Response> {
  const line = new AbortController();
  const stop = () => line.abort();
  const ends = [call.signal, c.over];
  const stopped = () => ends.some((end) => end?.aborted === true);
  if (stopped()) throw new Failure("stopped");
  for (const end of ends) end?.addEventListener("abort", stop, { once: true });
  const timer = setTimeout(stop, call.limit ?? patience);
  try {
    return await c.fetch(c.server + call.path, { ...init, signal: line.signal });
  } catch (cause) {
    if (stopped()) throw new Failure("stopped");
    throw new Failure("unavailable", "", { cause: cause instanceof Error ? cause.name : undefined });
  } finally {
    clearTimeout(timer);
    if (call.stream !== true) for (const end of ends) end?.removeEventListener("abort", stop);
  }
}

/** json sends the call and reads a JSON answer. One that breaks off is asked for again where the call may be repeated. */
export async function json<T>(c: Client, call: Call, shape: Shape<T>, see?: (headers: Headers) => void): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const response = await send(c, call);
    const text = await textOf(response, call.signal);
    if (c.over?.aborted === true) throw new Failure("stopped"); // an answer that comes after the account was closed is nobody's
    if (text === undefined && (attempt === answers || call.repeat !== true)) throw new Failure("unavailable", "the answer broke off");
    if (text === undefined) continue;
    see?.(response.headers);
    return held("nonsense", () => shape(parse(text)));
  }
}

async function textOf(response: Response, signal?: AbortSignal): Promise<string | undefined> {
  try {
    return await response.text();
  } catch {
    if (signal?.aborted === true) throw new Failure("stopped");
    return undefined;
  }
}

/** get reads one thing of the account's. */
export function get<T>(c: Client, path: string, shape: Shape<T>, signal?: AbortSignal): Promise<T> {
  return json(c, { method: "GET", path, signed: true, repeat: true, signal }, shape);
}

/** post sends what creates something, under an idempotency key that makes it safe to repeat: the key is drawn once, so that
 *  every repetition is the same request. */
export function post<T>(c: Client, path: string, body: unknown, shape: Shape<T>, more: Partial<Call> = {}): Promise<T> {
  const headers = { "Idempotency-Key": `"${newUuid(c.random)}"` };
  return json(c, { method: "POST", path, body, headers, signed: true, repeat: true, ...more }, shape);
}
