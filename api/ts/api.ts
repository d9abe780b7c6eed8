// Every operation of the contract as a function. Requests are signed, repeated and refused by the same code as everything else
// here (core/call.ts); what they mean is up to the caller: an answer is JSON of the type that the contract says, and nothing in
// it is verified. To seal, grant and open, use the functions that verify.
import type { Client } from "./core/client.ts";
import { send, type Call } from "./core/call.ts";
import { Failure } from "./core/failure.ts";
import { newUuid } from "./core/names.ts";
import { operations, type Operations } from "./contract.ts";

/** What an operation takes. Empty members may be left out. */
export type Taken<K extends keyof Operations> = {
  [M in "path" | "query" | "header" as Record<never, never> extends Operations[K][M] ? never : M]: Operations[K][M];
} & {
  [M in "path" | "query" | "header"]?: Operations[K][M];
} & (Operations[K]["body"] extends undefined ? { body?: undefined } : { body: Operations[K]["body"] }) & { signal?: AbortSignal };

export type Api = { [K in keyof Operations]: (taken: Taken<K>) => Promise<Operations[K]["answer"]> };

interface Loose {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  header?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
}

/** api gives every operation, as the client's account or, without keys, as anybody. Refusals are thrown as Failure, whose problem
 *  is the refusal's document. before is awaited ahead of each request: sessions that are not an account's begin there. */
export function api(c: Client, before: () => Promise<void> = () => Promise.resolve()): Api {
  const all: Record<string, (taken: Loose) => Promise<unknown>> = {};
  for (const [id, place] of Object.entries(operations)) all[id] = (taken) => before().then(() => ask(c, place, taken));
  return all as unknown as Api;
}

type Place = (typeof operations)[keyof typeof operations];

async function ask(c: Client, place: Place, taken: Loose): Promise<unknown> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(taken.header ?? {})) if (value !== undefined) headers[name] = String(value);
  if (place.once) headers["Idempotency-Key"] ??= `"${newUuid(c.random)}"`;
  const call: Call = { method: place.method, path: addressOf(place.path, taken), headers, signed: place.signed, signal: taken.signal };
  call.repeat = place.once || place.method === "GET" || place.method === "HEAD";
  if (place.media.endsWith("json")) call.body = taken.body;
  else if (place.media !== "" && taken.body !== undefined) Object.assign(call, { bytes: taken.body, media: place.media });
  const response = await send(c, call);
  return place.json ? response.json() : response;
}

function addressOf(pattern: string, taken: Loose): string {
  const path = pattern.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = taken.path?.[name];
    if (value === undefined || value === "") throw new Failure("refused", `the path lacks ${name}`);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(taken.query ?? {})) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}
