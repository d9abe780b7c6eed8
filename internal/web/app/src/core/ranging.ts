// Opening stretches of a payload without reading the rest: a player that seeks (in Go internal/envelope/ranged.go). It proves less
// than opening the whole: each chunk was sealed under the committed key, at that place of a plaintext of that length. It cannot see
// the digest, so a chunk by her cannot be told from one by another holder of the file key who controls what is served. Quote, keep
// and forward only what was opened whole.
import { wipe, type Bytes } from "./bytes.ts";
import { checkCommit } from "./commit.ts";
import { Failure } from "./failure.ts";
import type { Signed } from "./opening.ts";
import { stream } from "./payload.ts";
import { chunkCount, chunksOf, chunkSize, nonceSize, plaintextSize } from "./sizes.ts";
import { headOf, type Head } from "./unpack.ts";

/** Fetches the payload's bytes from `from` up to `to`. */
export type Fetch = (from: number, to: number) => Promise<Bytes>;

/** A payload that is opened by stretches of its content. */
export interface Ranged {
  readonly head: Head;
  /** read gives the content's bytes from `from` up to `to`, or throws payload-swapped. */
  read(from: number, to: number, fetch?: Fetch): Promise<Bytes>;
  /** stop forgets the key. */
  stop(): void;
}

/** ranged reads the beginning and the last chunk, which proves the length. A key that was not committed to is refused before. */
export async function ranged(fileKey: Uint8Array, signed: Signed, fetch: Fetch): Promise<Ranged> {
  checkCommit(fileKey, signed.sha256, signed.commit);
  const size = plaintextSize(signed.length);
  const key = fileKey.slice();
  const chunks = stream(key, await exactly(fetch, 0, nonceSize), size);
  wipe(key);
  const plain = async (from: number, to: number, source: Fetch): Promise<Bytes> => {
    const { first, begin, end } = chunksOf(from, to, size);
    const opened = chunks.open(first, await exactly(source, begin, end));
    return opened.subarray(from - first * chunkSize, to - first * chunkSize);
  };
  await plain((chunkCount(size) - 1) * chunkSize, size, fetch);
  const head = headIn(await plain(0, Math.min(size, chunkSize), fetch), size);
  const place = (at: number) => head.at + Math.min(Math.max(at, 0), head.size);
  return {
    head,
    read: (from, to, source = fetch) => plain(place(from), Math.max(place(from), place(to)), source),
    stop: () => chunks.end(),
  };
}

async function exactly(fetch: Fetch, from: number, to: number): Promise<Bytes> {
  const bytes = await fetch(from, to);
  if (bytes.length !== to - from) throw new Failure("payload-swapped", "it ends early");
  return bytes;
}

function headIn(bytes: Bytes, size: number): Head {
  try {
    return headOf(bytes, size);
  } catch (cause) {
    throw new Failure("payload-swapped", "", { cause });
  }
}
