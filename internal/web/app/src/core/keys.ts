// The keys of an account and all that they do, where they are (sealer.ts says what each act promises). In the browser this runs in the
// worker and the page holds a likeness of it; node tests use it directly. Nothing here gives a private key or a file key out: a lock is
// a number, and on release its key is overwritten.
import { base64url, equal, fromBase64url, wipe, type Bytes } from "./bytes.ts";
import { openCard, openFile, sealCard } from "./card.ts";
import { checkCommit, commit } from "./commit.ts";
import { sha256 } from "./digest.ts";
import { Failure } from "./failure.ts";
import { compose, newFileKey, open as openHeader } from "./header.ts";
import type { Keyring } from "./keyring.ts";
import { sizeOf } from "./keysize.ts";
import { openBeginning, opener, type Signed } from "./opening.ts";
import { ranged, type Fetch, type Ranged } from "./ranging.ts";
import type { Begun, Binding, Keys, Lock, Opening, PartInfo } from "./sealer.ts";
import { sealing, type Sealing } from "./sealing.ts";
import { joinShared, makeShared, openShare, sealShare } from "./sharedkey.ts";
import { payloadSize } from "./sizes.ts";
import { survey, type Survey, type Watch } from "./survey.ts";
import { payloadNonce } from "./tree.ts";

/** Keys whose long acts can be watched and stopped, with what only the page's likeness adds. */
export interface LocalKeys extends Keys {
  lock(info: PartInfo, content: Blob, watch?: Watch): Promise<Lock>;
  fits(lock: Lock, info: PartInfo, content: Blob, watch?: Watch): Promise<boolean>;
  seal(lock: Lock, from: number, to: number, watch?: Watch): Promise<Bytes>;
  bind(lock: Lock, watch?: Watch): Promise<Binding>;
  /** range opens stretches of a payload: see ranging.ts for what that proves. */
  range(header: Bytes, of: Binding, fetch: Fetch, shared?: number): Promise<Ranged>;
  /** openOwn opens a small age file that was sealed to her: a draft, a note to herself. */
  openOwn(file: Bytes): Promise<Bytes>;
  /** end wipes everything. */
  end(): void;
}

interface Held {
  readonly lock: Lock;
  readonly fileKey: Bytes;
  sealing: Sealing | undefined;
  line: Promise<unknown>; // one act at a time
}

/** keysOf are the keys of a keyring. */
export function keysOf(ring: Keyring): LocalKeys {
  const locks = new Map<number, Held>();
  const shared = new Map<number, Bytes>();
  let count = 0;
  const keep = (header: Bytes, nonce: Bytes, length: number, fileKey: Bytes, s?: Sealing): Lock => {
    const lock = { id: ++count, header, nonce, length };
    locks.set(lock.id, { lock, fileKey, sealing: s, line: Promise.resolve() });
    return lock;
  };
  const inLine = <T>(lock: Lock, act: (one: Held) => Promise<T>): Promise<T> => {
    const one = locks.get(lock.id);
    if (one === undefined) return Promise.reject(new Failure("refused", "the lock was released"));
    const done = one.line.then(() => act(one));
    one.line = done.catch(() => undefined);
    return done;
  };
  const unlock = (header: Bytes, of: Binding, key?: number) => unlocked(header, of, key === undefined ? ring.seed : seedOf(shared, key));
  const release = (id: number) => {
    const one = locks.get(id);
    if (one !== undefined) wipe(one.fileKey);
    one?.sealing?.end();
    locks.delete(id);
  };
  return {
    publicKey: ring.publicKey,
    thumbprint: ring.thumbprint,
    recipient: ring.recipient,
    sign: soon((bytes: Bytes) => ring.sign(bytes)),
    sealCard: soon((card) => sealCard(card, ring.recipient)),
    openCard: soon((file) => openCard(file, ring.seed)),
    openOwn: soon((file) => openFile(file, ring.seed)),
    payloadSize: soon(sizeOf),
    async lock(info, content, watch) {
      const known = await survey(info, content, watch);
      const fileKey = newFileKey();
      const nonce = payloadNonce(fileKey, known.tree);
      return keep(compose(fileKey, ring.recipient), nonce, payloadSize(known.tree.size), fileKey, sealing(known, fileKey, nonce));
    },
    take: soon(({ header, nonce, length }: Begun) => keep(header, nonce, length, openHeader(header, ring.seed))),
    look: (lock, stored) =>
      inLine(lock, (one) => {
        const head = openBeginning(stored, one.fileKey, lock.nonce, lock.length);
        return Promise.resolve({ info: head.info, size: head.size });
      }),
    fits: (lock, info, content, watch) => inLine(lock, async (one) => fit(one, await survey(info, content, watch))),
    seal: (lock, from, to, watch) => inLine(lock, (one) => sealingOf(one).read(from, to, watch)),
    bind: (lock, watch) => inLine(lock, (one) => bind(one, watch)),
    release: (lock) => release(lock.id),
    rewrap: soon((header: Bytes, of: Binding, to: string) => once(unlock(header, of), (fileKey) => compose(fileKey, to))),
    check: soon((header: Bytes, of: Binding) => once(unlock(header, of), () => undefined)),
    open: soon((header: Bytes, of: Binding, key?: number) => once(unlock(header, of, key), (fileKey) => openingOf(fileKey, signedOf(of)))),
    range: async (header, of, fetch, key) => {
      const fileKey = unlock(header, of, key);
      return ranged(fileKey, signedOf(of), fetch).finally(() => wipe(fileKey));
    },
    share: soon(makeShared),
    sealShare: soon(sealShare),
    openShare: soon((file) => openShare(file, ring.seed)),
    join: soon((shares: Bytes[], digest: string) => {
      shared.set(++count, joinShared(shares, digest));
      return count;
    }),
    leave: (key) => {
      wipe(shared.get(key) ?? new Uint8Array(0));
      shared.delete(key);
    },
    end: () => {
      for (const id of [...locks.keys()]) release(id);
      wipe(...shared.values());
      shared.clear();
      ring.wipe();
    },
  };
}

/** unlocked gives the file key of a header that is the one she signed for, and that commits to her payload. */
function unlocked(header: Bytes, of: Binding, seed: Bytes): Bytes {
  if (!equal(sha256(header), fromBase64url(of.header_sha256))) throw new Failure("part-swapped");
  const fileKey = openHeader(header, seed);
  checkCommit(fileKey, fromBase64url(of.payload_sha256), fromBase64url(of.commit));
  return fileKey;
}

function signedOf(of: Binding): Signed {
  return { length: of.length, sha256: fromBase64url(of.payload_sha256), commit: fromBase64url(of.commit) };
}

function seedOf(shared: Map<number, Bytes>, key: number): Bytes {
  const seed = shared.get(key);
  if (seed === undefined) throw new Failure("refused", "the shared key was left");
  return seed;
}

/** fit says whether a content gives the lock's nonce: only then it is the one that was begun, and may be sealed under its key. */
function fit(one: Held, known: Survey): boolean {
  const same = payloadSize(known.tree.size) === one.lock.length && equal(payloadNonce(one.fileKey, known.tree), one.lock.nonce);
  if (same) one.sealing ??= sealing(known, one.fileKey, one.lock.nonce);
  return same;
}

function sealingOf(one: Held): Sealing {
  if (one.sealing === undefined) throw new Failure("other-file", "the lock has no content yet");
  return one.sealing;
}

async function bind(one: Held, watch?: Watch): Promise<Binding> {
  const digest = await sealingOf(one).sha256(watch);
  const [payload, committed] = [base64url(digest), base64url(commit(one.fileKey, digest))];
  return { length: one.lock.length, payload_sha256: payload, commit: committed, header_sha256: base64url(sha256(one.lock.header)) };
}

function openingOf(fileKey: Bytes, signed: Signed): Opening {
  const own = fileKey.slice();
  const o = opener(own, signed);
  const stop = () => {
    o.stop();
    wipe(own);
  };
  return {
    push: soon((bytes: Bytes) => {
      const { head, content } = o.push(bytes);
      return head === undefined ? { content } : { info: head.info, size: head.size, content };
    }),
    end: soon(() => {
      o.end();
      stop();
    }),
    stop,
  };
}

/** once lends a key to an act and wipes it. */
function once<T>(fileKey: Bytes, act: (fileKey: Bytes) => T): T {
  try {
    return act(fileKey);
  } finally {
    wipe(fileKey);
  }
}

/** soon makes a promise of what is done at once, so that a throw is a rejection. */
function soon<A extends unknown[], T>(act: (...args: A) => T): (...args: A) => Promise<T> {
  return (...args) =>
    new Promise((resolve) => {
      resolve(act(...args));
    });
}
