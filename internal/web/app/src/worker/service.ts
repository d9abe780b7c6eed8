// What the worker does for the page: the secret and the identities live here and only here. The page holds numbers. Ending the worker
// forgets everything at once; that is what leaving the page does.
import { equal, utf8, wipe, type Bytes } from "../core/bytes.ts";
import { sealFile } from "../core/card.ts";
import { Failure } from "../core/failure.ts";
import { identityOf } from "../core/hybrid.ts";
import { derive, steward, type Keyring } from "../core/keyring.ts";
import { keysOf, type LocalKeys } from "../core/keys.ts";
import { sizeOf } from "../core/keysize.ts";
import type { System } from "../core/numerals.ts";
import { combine, split } from "../core/shamir.ts";
import { newSecret, read, spellDigits, spellWords, type Problem, type WordList } from "../core/phrase.ts";
import type { Fetch, Ranged } from "../core/ranging.ts";
import type { Begun, Binding, Card, Lock, Opening, PartInfo, ShareCard } from "../core/sealer.ts";
import type { Watch } from "../core/survey.ts";

/** What comes with every call: how to tell progress and be stopped, and how to get bytes that only the page can fetch. */
export interface Context {
  readonly watch: Watch;
  readonly fetch: Fetch;
}

/** Keys that are held here under a number. */
export interface Entered {
  readonly keys: number;
  readonly publicKey: Bytes;
  readonly thumbprint: string;
  readonly recipient: string;
}

/** A vault's id, or "steward". */
export type Where = Bytes | "steward";

interface Held {
  readonly keys: LocalKeys;
  readonly ring: Keyring;
  secret: Bytes | undefined; // only until she has written it down
}

/** The methods, each with its context first. */
export type Service = ReturnType<typeof service>;

/** service has nothing in it yet. */
export function service() {
  const held = numbered<Held>("the keys were forgotten");
  const openings = numbered<Opening>("the opening is over");
  const ranges = numbered<Ranged>("the opening is over");
  const keysAt = (keys: number): LocalKeys => held.at(keys).keys;
  const enter = (secret: Bytes, where: Where, kept: boolean): Entered => {
    const ring = derive(secret, where === "steward" ? steward : where);
    const keys = held.add({ keys: keysOf(ring), ring, secret: kept ? secret : undefined });
    if (!kept) wipe(secret);
    return { keys, publicKey: ring.publicKey, thumbprint: ring.thumbprint, recipient: ring.recipient };
  };
  return {
    /** enter reads words or digits. */
    enter: (_: Context, text: string, lists: WordList[], where: Where): Entered | { problem: Problem } => {
      const reading = read(text, lists);
      return "problem" in reading ? reading : enter(reading.secret, where, false);
    },
    /** draw makes a new secret. Its spelling can be had until settle. */
    draw: (_: Context, where: Where): Entered => enter(newSecret(), where, true),
    /** words and digits give a new secret to be written down. */
    words: (_: Context, keys: number, list: WordList): string[] => spellWords(newly(held.at(keys)), list),
    digits: (_: Context, keys: number, system: System): string => spellDigits(newly(held.at(keys)), system),
    /** same says whether what she typed again is the new secret. */
    same: (_: Context, keys: number, text: string, lists: WordList[]): { same: boolean } | { problem: Problem } => {
      const reading = read(text, lists);
      return "problem" in reading ? reading : { same: equal(reading.secret, newly(held.at(keys))) };
    },
    /** settle forgets the new secret; the keys stay. */
    settle: (_: Context, keys: number): void => {
      const one = held.at(keys);
      wipe(one.secret ?? new Uint8Array(0));
      one.secret = undefined;
    },
    /** shareWords splits the secret of these keys among n people: it is read again, because it was not kept. */
    shareWords: (_: Context, keys: number, text: string, lists: WordList[], where: Bytes, n: number, threshold: number): Bytes[] | { problem: Problem } => {
      const reading = read(text, lists);
      if ("problem" in reading) return reading;
      const ring = derive(reading.secret, where);
      const same = ring.thumbprint === held.at(keys).ring.thumbprint;
      ring.wipe();
      try {
        if (!same) throw new Failure("own-keys");
        return split(reading.secret, n, threshold, draw);
      } finally {
        wipe(reading.secret);
      }
    },
    /** joinWords makes keys of a lost secret's shares, if they are those with this thumbprint. Its spelling can be had until settle. */
    joinWords: (_: Context, shares: Bytes[], where: Bytes, thumbprint: string): Entered => {
      const secret = combine(shares);
      if (secret.length !== 16) throw new Failure("false-shares");
      const entered = enter(secret, where, true);
      if (entered.thumbprint !== thumbprint) throw new Failure("trust-forged");
      return entered;
    },
    /** identityFile is what the stock age program takes with -i. Only where its owner asked for it. */
    identityFile: (_: Context, keys: number): Bytes => {
      const { ring } = held.at(keys);
      return utf8(`# public key: ${ring.recipient}\n${identityOf(ring.seed)}\n`);
    },
    forget: (_: Context, keys: number): void => {
      const one = held.take(keys);
      wipe(one?.secret ?? new Uint8Array(0));
      one?.keys.end();
    },
    sign: (_: Context, keys: number, bytes: Bytes) => keysAt(keys).sign(bytes),

    /** sealFor needs no secret: a draft that the phone itself cannot read back. */
    sealFor: (_: Context, recipient: string, bytes: Bytes): Bytes => sealFile(bytes, recipient),
    openOwn: (_: Context, keys: number, file: Bytes) => keysAt(keys).openOwn(file),
    sealCard: (_: Context, keys: number, card: Card) => keysAt(keys).sealCard(card),
    openCard: (_: Context, keys: number, file: Bytes) => keysAt(keys).openCard(file),

    payloadSize: (_: Context, info: PartInfo, size: number): number => sizeOf(info, size),
    lock: (c: Context, keys: number, info: PartInfo, content: Blob) => keysAt(keys).lock(info, content, c.watch),
    take: (_: Context, keys: number, begun: Begun) => keysAt(keys).take(begun),
    look: (_: Context, keys: number, lock: Lock, stored: Bytes) => keysAt(keys).look(lock, stored),
    fits: (c: Context, keys: number, lock: Lock, info: PartInfo, content: Blob) => keysAt(keys).fits(lock, info, content, c.watch),
    seal: (c: Context, keys: number, lock: Lock, from: number, to: number) => keysAt(keys).seal(lock, from, to, c.watch),
    bind: (c: Context, keys: number, lock: Lock) => keysAt(keys).bind(lock, c.watch),
    release: (_: Context, keys: number, lock: Lock): void => keysAt(keys).release(lock),

    rewrap: (_: Context, keys: number, header: Bytes, of: Binding, to: string) => keysAt(keys).rewrap(header, of, to),
    check: (_: Context, keys: number, header: Bytes, of: Binding) => keysAt(keys).check(header, of),
    open: async (_: Context, keys: number, header: Bytes, of: Binding, shared?: number): Promise<number> =>
      openings.add(await keysAt(keys).open(header, of, shared)),
    push: (_: Context, opening: number, bytes: Bytes) => openings.at(opening).push(bytes),
    end: async (_: Context, opening: number): Promise<void> => {
      await openings.at(opening).end();
      openings.take(opening);
    },
    stop: (_: Context, opening: number): void => openings.take(opening)?.stop(),
    range: async (c: Context, keys: number, header: Bytes, of: Binding, shared?: number) => {
      const range = await keysAt(keys).range(header, of, c.fetch, shared);
      return { range: ranges.add(range), info: range.head.info, size: range.head.size };
    },
    read: (c: Context, range: number, from: number, to: number) => ranges.at(range).read(from, to, c.fetch),
    endRange: (_: Context, range: number): void => ranges.take(range)?.stop(),

    share: (_: Context, keys: number, n: number, threshold: number) => keysAt(keys).share(n, threshold),
    sealShare: (_: Context, keys: number, card: ShareCard, to: string) => keysAt(keys).sealShare(card, to),
    openShare: (_: Context, keys: number, file: Bytes) => keysAt(keys).openShare(file),
    join: (_: Context, keys: number, shares: Bytes[], digest: string) => keysAt(keys).join(shares, digest),
    leave: (_: Context, keys: number, shared: number): void => keysAt(keys).leave(shared),
  };
}

const draw = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

function newly(one: Held): Bytes {
  if (one.secret === undefined) throw new Failure("refused", "the words have been settled");
  return one.secret;
}

/** numbered holds things under numbers that are never used again. */
function numbered<T>(gone: string) {
  const all = new Map<number, T>();
  let count = 0;
  return {
    add(one: T): number {
      all.set(++count, one);
      return count;
    },
    at(number: number): T {
      const one = all.get(number);
      if (one === undefined) throw new Failure("refused", gone);
      return one;
    },
    take(number: number): T | undefined {
      const one = all.get(number);
      all.delete(number);
      return one;
    },
  };
}
