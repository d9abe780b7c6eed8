// One client speaks to one vault for one account: it signs and sends, and believes nothing that it cannot verify. The acts
// (enrol, testimonies, grants, …) are functions whose first argument is a Client. What it trusts are two things from the
// card, the keys and the vault id; everything else is held against signatures first (api/client/doc.go has the list).
// A Client keeps no secret itself; it lives in memory and is thrown away with the page.
import type { Bytes } from "./bytes.ts";
import type { Ahead } from "./enrol.ts";
import { Failure } from "./failure.ts";
import type { History } from "./history.ts";
import type { Keys } from "./sealer.ts";
import { newSession, type Session } from "./session.ts";
import type { VaultInfo } from "./vault.ts";

/** The end of a chain. Noted beside the words, it shows later that nothing was cut off. */
export interface Head {
  readonly seq: number;
  readonly sha256: string; // b64; "" of an empty chain
}

export interface Config {
  /** The vault's origin, scheme and host without a path. */
  readonly server: string;
  /** The vault id on the card. It decides which stewards count. */
  readonly vault: string;
  /** None is enough for what needs no account. */
  readonly keys?: Keys;
  /** The head as it was noted on an earlier day. */
  readonly kept?: Head;
  /** A receipt key of the vault's as it was noted: only keys that follow from it are believed. */
  readonly receiptKey?: Bytes;
  /** BCP 47, for the titles of problems. */
  readonly language?: string;
  /** Asked before something begun as one opening counts as another. Throwing ends the call and nothing is counted. */
  readonly again?: (grant: string, part: number) => Promise<void>;
  /** Aborted when the account is closed: from then on nothing is sent or believed in its name. */
  readonly over?: AbortSignal | undefined;
  /** Defaults: the browser's own. now is in milliseconds, pause too. */
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly random?: (length: number) => Bytes;
  readonly pause?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface Client {
  readonly server: string;
  readonly vault: string;
  readonly keys: Keys | undefined;
  readonly receiptKey: Bytes | undefined;
  readonly language: string;
  readonly again: (grant: string, part: number) => Promise<void>;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly random: (length: number) => Bytes;
  readonly pause: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly over: AbortSignal | undefined;
  readonly knowsHead: boolean; // a head was given: a cut tail would show
  readonly session: Session;

  /** What was learned; every field is for the modules of this folder. */
  past: History | undefined;
  seen: Head; // the newest head known to be hers
  account: string; // by the chain, once it was read
  info: VaultInfo | undefined;
  newest: Map<string, number>; // by grant of the inbox: seq of the newest statement that set its terms
  ahead: Ahead | undefined; // of an enrolment: see enrol.ts
  acting: Promise<unknown>; // acts stand in line: statements form a chain
}

/** newClient checks the configuration. It sends nothing. */
export function newClient(config: Config): Client {
  if (!/^[A-Za-z0-9_-]{43}$/.test(config.vault)) throw new Failure("refused", "the vault id is missing: it stands on the card");
  return {
    server: originOf(config.server),
    vault: config.vault,
    keys: config.keys,
    receiptKey: config.receiptKey,
    language: config.language ?? "",
    again: config.again ?? (() => Promise.resolve()),
    fetch: config.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    now: config.now ?? Date.now,
    random: config.random ?? ((length) => crypto.getRandomValues(new Uint8Array(length))),
    pause: config.pause ?? pause,
    over: config.over,
    knowsHead: (config.kept?.seq ?? 0) > 0,
    session: newSession(),
    past: undefined,
    seen: config.kept ?? { seq: 0, sha256: "" },
    account: config.keys?.thumbprint ?? "",
    info: undefined,
    newest: new Map(),
    ahead: undefined,
    acting: Promise.resolve(),
  };
}

/** keysOf are the account's keys, or no-keys. */
export function keysOf(c: Client): Keys {
  if (c.keys === undefined) throw new Failure("no-keys");
  return c.keys;
}

/** originOf refuses lines that anybody on the way can read, and addresses that no proof of possession could be bound to. */
function originOf(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || url.username !== "" || url.search !== "" || url.hash !== "" || url.pathname !== "/") {
    throw new Failure("refused", "this is not the address of a vault");
  }
  const local = url.hostname === "localhost" || url.hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(url.hostname);
  const hidden = url.hostname.endsWith(".onion");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && (local || hidden))) {
    throw new Failure("refused", "the address of a vault begins with https");
  }
  return url.origin;
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new Failure("stopped"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
  });
}
