// The second reading: sealing, from any byte on (docs/protocol.md section 8, "Going on"). Each MiB is compared with its leaf before
// a byte of it is sealed, so that under one key and nonce only ever one plaintext is sealed, also when the file changes while it
// is read. What was hashed once is not hashed again when an upload goes back; what was skipped is sealed and hashed on the way.
// In memory there are two MiBs of plaintext and one of payload, whatever the length of the file; the payload's is used again for
// each, since a browser takes its time to clear up.
import { wipe, type Bytes } from "./bytes.ts";
import { running } from "./sha256.ts";
import { stream, type Stream } from "./payload.ts";
import { chunkSize, chunkStart, nonceSize, payloadSize } from "./sizes.ts";
import { ahead, leafAgain, look, type Survey, type Watch } from "./survey.ts";
import { checkLeaf, leafCount, leafSize } from "./tree.ts";

const chunksInLeaf = leafSize / chunkSize;

/** One payload that is being sealed. One read at a time. */
export interface Sealing {
  readonly length: number;
  /** read gives the payload's bytes from `from` up to `to`. */
  read(from: number, to: number, watch?: Watch): Promise<Bytes>;
  /** sha256 is the digest of the whole payload; it seals what has not been sealed yet. */
  sha256(watch?: Watch): Promise<Bytes>;
  /** end wipes the payload key and the last plaintext. */
  end(): void;
}

/** sealing seals the container of a survey under a file key and the nonce made of both. */
export function sealing(known: Survey, fileKey: Uint8Array, nonce: Uint8Array): Sealing {
  const length = payloadSize(known.tree.size);
  const s: State = { known, nonce, chunks: stream(fileKey, nonce, known.tree.size), digest: running(), hashed: 0, sealed: undefined, next: undefined,
    room: new Uint8Array(chunkStart(chunksInLeaf)) };
  return {
    length,
    read: async (from, to, watch = {}) => {
      const [first, end] = [leafAt(from), leafAt(Math.min(to, length) - 1) + 1];
      await through(s, first, watch);
      const out = new Uint8Array(Math.max(Math.min(to, length) - from, 0));
      for (let i = first; i < end; i++) {
        const [bytes, at] = [await sealedLeaf(s, i, watch), leafStart(i)];
        out.set(bytes.subarray(Math.max(from - at, 0), Math.max(to - at, 0)), Math.max(at - from, 0));
      }
      return out;
    },
    sha256: async (watch = {}) => {
      await through(s, leafCount(known.tree.size), watch);
      return s.digest.sum();
    },
    end: () => s.chunks.end(),
  };
}

interface State {
  readonly known: Survey;
  readonly nonce: Uint8Array;
  readonly chunks: Stream;
  readonly digest: ReturnType<typeof running>;
  hashed: number; // leaves
  sealed: { index: number; bytes: Bytes } | undefined; // in room
  readonly room: Bytes; // a nonce, and a leaf's chunks
  next: { index: number; plain: Promise<Bytes> } | undefined;
}

/** through hashes all leaves before one. */
async function through(s: State, leaf: number, watch: Watch): Promise<void> {
  while (s.hashed < leaf) await sealedLeaf(s, s.hashed, watch);
}

/** sealedLeaf seals one MiB, the nonce before the first. The next one is read and compared meanwhile. */
async function sealedLeaf(s: State, index: number, watch: Watch): Promise<Bytes> {
  if (s.sealed?.index === index) return s.sealed.bytes;
  const plain = await (s.next?.index === index ? s.next.plain : verified(s, index));
  s.next = index + 1 < leafCount(s.known.tree.size) ? { index: index + 1, plain: ahead(verified(s, index + 1)) } : undefined;
  look(watch, index * leafSize + plain.length, s.known.tree.size);
  s.sealed = undefined; // room is written over
  const chunks = s.chunks.seal(index * chunksInLeaf, plain, s.room.subarray(nonceSize));
  if (index === 0) s.room.set(s.nonce);
  const bytes = index === 0 ? s.room.subarray(0, nonceSize + chunks.length) : chunks;
  wipe(plain);
  if (index === s.hashed) {
    s.digest.add(bytes);
    s.hashed++;
  }
  s.sealed = { index, bytes };
  return bytes;
}

async function verified(s: State, index: number): Promise<Bytes> {
  const plain = await leafAgain(s.known, index);
  await checkLeaf(s.known.tree, index, plain);
  return plain;
}

const leafStart = (index: number) => (index === 0 ? 0 : chunkStart(index * chunksInLeaf));

const leafAt = (payload: number) => Math.floor(Math.max(payload - chunkStart(0), 0) / (chunkStart(chunksInLeaf) - chunkStart(0)));
