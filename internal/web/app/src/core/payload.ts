// Payloads (docs/protocol.md section 8; c2sp.org/age, "Payload"): a nonce of 16 bytes, then chunks of 64 KiB, each sealed with
// ChaCha20-Poly1305 under HKDF(file key, nonce, "payload"). A chunk's own nonce is its index in 11 bytes and 1 for the last.
//
// Why chunks may be sealed and opened from anywhere: a chunk depends on key, index, whether it is the last, and its plaintext, on
// no other chunk. What must hold is that no (index, last) is used for two plaintexts: a Stream knows the length of its
// plaintext from the start, so it alone says which chunk is the last, and the nonce is made of the whole plaintext (tree.ts).
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { utf8, wipe, type Bytes } from "./bytes.ts";
import { hkdf256 } from "./digest.ts";
import { Failure } from "./failure.ts";
import { chunkCount, chunkSize, nonceSize, tagSize } from "./sizes.ts";

/** The chunks of one payload. */
export interface Stream {
  /** seal seals whole chunks from the given one on: full ones, and the last as long as it must be. They are put into out, where
   *  it is given and long enough for them. */
  seal(first: number, plaintext: Uint8Array, out?: Bytes): Bytes;
  /** open opens whole chunks in place and gives the plaintext, or throws payload-swapped and leaves nothing of it. */
  open(first: number, sealed: Bytes): Bytes;
  /** end wipes the key. */
  end(): void;
}

/** stream is for one plaintext of the given length. */
export function stream(fileKey: Uint8Array, nonce: Uint8Array, plaintext: number): Stream {
  if (nonce.length !== nonceSize) throw new Failure("refused", "not a payload nonce");
  const key = hkdf256(fileKey, nonce, utf8("payload"));
  const last = chunkCount(plaintext) - 1;
  const cipher = (index: number) => chacha20poly1305(key, chunkNonce(index, index === last));
  const lengthOf = (index: number) => (index < last ? chunkSize : plaintext - last * chunkSize);
  return {
    seal: (first, plain, out) => sealChunks(first, plain, { cipher, lengthOf, last }, out),
    open: (first, sealed) => openChunks(first, sealed, { cipher, lengthOf, last }),
    end: () => wipe(key),
  };
}

interface Chunks {
  cipher(index: number): ReturnType<typeof chacha20poly1305>;
  lengthOf(index: number): number;
  readonly last: number;
}

function sealChunks(first: number, plain: Uint8Array, chunks: Chunks, into?: Bytes): Bytes {
  const size = plain.length + tagSize * chunkCount(plain.length);
  const out = into === undefined ? new Uint8Array(size) : into.subarray(0, size);
  let [index, from, to] = [first, 0, 0];
  do {
    const end = from + lengthIn(index, chunks);
    if (end > plain.length) throw new Failure("file-changed", "the plaintext ends inside a chunk");
    chunks.cipher(index).encrypt(plain.subarray(from, end), out.subarray(to, to + end - from + tagSize));
    to += end - from + tagSize;
    from = end;
    index++;
  } while (from < plain.length);
  return out;
}

function openChunks(first: number, sealed: Bytes, chunks: Chunks): Bytes {
  let [index, from, to] = [first, 0, 0];
  do {
    const end = from + lengthIn(index, chunks) + tagSize;
    if (end > sealed.length) throw new Failure("payload-swapped", "it ends inside a chunk");
    try {
      chunks.cipher(index).decrypt(sealed.subarray(from, end), sealed.subarray(from, end - tagSize));
    } catch {
      wipe(sealed);
      throw new Failure("payload-swapped", `chunk ${index} is not what was sealed`);
    }
    sealed.copyWithin(to, from, end - tagSize);
    to += end - tagSize - from;
    from = end;
    index++;
  } while (from < sealed.length);
  return sealed.subarray(0, to);
}

function lengthIn(index: number, chunks: Chunks): number {
  if (index < 0 || index > chunks.last) throw new Failure("payload-swapped", "it goes on after its end");
  return chunks.lengthOf(index);
}

function chunkNonce(index: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(index));
  nonce[11] = last ? 1 : 0;
  return nonce;
}
