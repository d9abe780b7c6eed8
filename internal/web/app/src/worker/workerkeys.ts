// Keys that live in the worker, as the page holds them: the same promises as core/sealer.ts.
import type { Bytes } from "../core/bytes.ts";
import type { System } from "../core/numerals.ts";
import type { Problem, WordList } from "../core/phrase.ts";
import type { Fetch } from "../core/ranging.ts";
import type { Binding, Keys, Lock, Opening, PartInfo } from "../core/sealer.ts";
import type { Watch } from "../core/survey.ts";
import { call, type Line } from "./line.ts";
import type { Entered } from "./service.ts";

/** A payload opened by stretches: see core/ranging.ts for what that proves. */
export interface Range {
  readonly info: PartInfo;
  readonly size: number;
  read(from: number, to: number): Promise<Bytes>;
  stop(): void;
}

/** The keys of an account, with what the page adds to Keys. */
export interface WorkerKeys extends Keys {
  lock(info: PartInfo, content: Blob, watch?: Watch): Promise<Lock>;
  fits(lock: Lock, info: PartInfo, content: Blob, watch?: Watch): Promise<boolean>;
  seal(lock: Lock, from: number, to: number, watch?: Watch): Promise<Bytes>;
  bind(lock: Lock, watch?: Watch): Promise<Binding>;
  /** range opens stretches of a payload, whose bytes fetch gets. */
  range(header: Bytes, of: Binding, fetch: Fetch, shared?: number): Promise<Range>;
  /** openOwn opens a small age file that was sealed to her. */
  openOwn(file: Bytes): Promise<Bytes>;

  /** words and digits spell new words, until settle. */
  words(list: WordList): Promise<string[]>;
  digits(system: System): Promise<string>;
  /** same says whether what she typed again are the new words. */
  same(text: string, lists: readonly WordList[]): Promise<{ same: boolean } | { problem: Problem }>;
  settle(): Promise<void>;
  /** shareWords splits the very words of these keys, which are typed again, among n people. Throws Failure own-keys. */
  shareWords(text: string, lists: readonly WordList[], where: Bytes, n: number, threshold: number): Promise<Bytes[] | { problem: Problem }>;
  /** identityFile is for the stock age program; only where she asked for it. */
  identityFile(): Promise<Bytes>;
  /** forget wipes these keys; others in the worker stay. */
  forget(): void;
}

/** workerKeys are those that the worker holds under a number. */
export function workerKeys(to: Line, { keys, publicKey, thumbprint, recipient }: Entered): WorkerKeys {
  return {
    publicKey,
    thumbprint,
    recipient,
    sign: (bytes) => call(to, "sign", [keys, bytes]),
    sealCard: (card) => call(to, "sealCard", [keys, card]),
    openCard: (file) => call(to, "openCard", [keys, file]),
    openOwn: (file) => call(to, "openOwn", [keys, file]),
    payloadSize: (info, size) => call(to, "payloadSize", [info, size]),
    lock: (info, content, watch) => call(to, "lock", [keys, info, content], { watch }),
    take: (begun) => call(to, "take", [keys, begun]),
    look: (lock, stored) => call(to, "look", [keys, lock, stored]),
    fits: (lock, info, content, watch) => call(to, "fits", [keys, lock, info, content], { watch }),
    seal: (lock, from, until, watch) => call(to, "seal", [keys, lock, from, until], { watch }),
    bind: (lock, watch) => call(to, "bind", [keys, lock], { watch }),
    release: (lock) => quietly(call(to, "release", [keys, lock])),
    rewrap: (header, of, recipient) => call(to, "rewrap", [keys, header, of, recipient]),
    check: (header, of) => call(to, "check", [keys, header, of]),
    open: async (header, of, shared) => openingOf(to, await call(to, "open", [keys, header, of, shared])),
    range: (header, of, fetch, shared) => rangeOf(to, keys, header, of, fetch, shared),
    share: (n, threshold) => call(to, "share", [keys, n, threshold]),
    sealShare: (card, recipient) => call(to, "sealShare", [keys, card, recipient]),
    openShare: (file) => call(to, "openShare", [keys, file]),
    join: (shares, digest) => call(to, "join", [keys, shares, digest]),
    leave: (shared) => quietly(call(to, "leave", [keys, shared])),
    words: (list) => call(to, "words", [keys, list]),
    digits: (system) => call(to, "digits", [keys, system]),
    same: (text, lists) => call(to, "same", [keys, text, [...lists]]),
    settle: () => call(to, "settle", [keys]),
    shareWords: (text, lists, where, n, threshold) => call(to, "shareWords", [keys, text, [...lists], where, n, threshold]),
    identityFile: () => call(to, "identityFile", [keys]),
    forget: () => quietly(call(to, "forget", [keys])),
  };
}

function openingOf(to: Line, opening: number): Opening {
  return {
    push: (bytes) => call(to, "push", [opening, bytes]),
    end: () => call(to, "end", [opening]),
    stop: () => quietly(call(to, "stop", [opening])),
  };
}

async function rangeOf(to: Line, keys: number, header: Bytes, of: Binding, fetch: Fetch, shared?: number): Promise<Range> {
  const { range, info, size } = await call(to, "range", [keys, header, of, shared], { fetch });
  return {
    info,
    size,
    read: (from, until) => call(to, "read", [range, from, until], { fetch }),
    stop: () => quietly(call(to, "endRange", [range])),
  };
}

/** quietly is for what only forgets: when the line is closed, it has been forgotten. */
function quietly(done: Promise<unknown>): void {
  done.catch(() => undefined);
}
