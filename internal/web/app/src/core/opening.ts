// Opening a whole payload (docs/protocol.md section 8; in Go internal/envelope/open.go). It is right only when end has returned: the
// key is the one committed to, the bytes have the signed length and digest, each chunk authenticated in its place, and the container
// is whole. Before that the content is provisional, because a payload does not fit in memory: do not show or keep it.
import { concat, equal, type Bytes } from "./bytes.ts";
import { checkCommit } from "./commit.ts";
import { running } from "./sha256.ts";
import { Failure } from "./failure.ts";
import { stream, type Stream } from "./payload.ts";
import { nonceSize, plaintextSize, sealedChunk } from "./sizes.ts";
import { headOf, unpacking, type Head } from "./unpack.ts";

/** What she signed of a payload. It must come from a statement whose signature was verified. */
export interface Signed {
  readonly length: number;
  readonly sha256: Bytes;
  readonly commit: Bytes;
}

/** A payload that is opened as it comes. */
export interface Opener {
  push(bytes: Bytes): { head?: Head; content: Bytes[] };
  end(): void;
  /** stop forgets the key. */
  stop(): void;
}

/** opener refuses a key that was not committed to before a byte is read. */
export function opener(fileKey: Uint8Array, signed: Signed): Opener {
  checkCommit(fileKey, signed.sha256, signed.commit);
  const plaintext = plaintextSize(signed.length);
  const [digest, container] = [running(), unpacking(plaintext)];
  let chunks: Stream | undefined;
  let [held, opened]: [Bytes, number] = [new Uint8Array(0), 0];
  const begin = () => {
    if (chunks !== undefined || held.length < nonceSize) return;
    chunks = stream(fileKey, held.slice(0, nonceSize), plaintext);
    held = held.subarray(nonceSize);
  };
  const whole = () => (digest.at === signed.length ? held.length : held.length - (held.length % sealedChunk));
  return {
    push(bytes) {
      digest.add(bytes);
      if (digest.at > signed.length) throw new Failure("payload-swapped", "it goes on after its end");
      held = concat(held, bytes);
      begin();
      const ready = whole();
      if (chunks === undefined || ready === 0) return { content: [] };
      const plain = chunks.open(opened, held.subarray(0, ready));
      opened += Math.ceil(ready / sealedChunk);
      held = held.slice(ready);
      return container.push(plain);
    },
    end() {
      chunks?.end();
      if (!equal(digest.sum(), signed.sha256)) throw new Failure("payload-swapped", "its digest is another");
      container.end();
    },
    stop: () => chunks?.end(),
  };
}

/** openBeginning reads part.json and the length of the content out of the beginning of a payload that is not all there yet: the
 *  nonce and the first chunk (65,568 bytes, or all of a shorter payload). It proves that the first chunk was sealed by somebody
 *  who holds the key, as the first of a payload with this nonce and length; what follows is not looked at. */
export function openBeginning(stored: Uint8Array, fileKey: Uint8Array, nonce: Uint8Array, length: number): Head {
  const plaintext = plaintextSize(length);
  if (stored.length !== beginning(length) || !equal(stored.subarray(0, nonceSize), nonce)) {
    throw new Failure("upload-swapped", "it does not begin as it was begun");
  }
  const chunks = stream(fileKey, nonce, plaintext);
  try {
    return headOf(chunks.open(0, stored.slice(nonceSize)), plaintext);
  } catch (cause) {
    throw new Failure("upload-swapped", "", { cause });
  } finally {
    chunks.end();
  }
}

/** beginning is how many bytes openBeginning needs. */
export const beginning = (length: number): number => Math.min(length, nonceSize + sealedChunk);
