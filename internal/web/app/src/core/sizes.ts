// How long payloads are and where their chunks stand (docs/protocol.md section 8; in Go internal/envelope/size.go). Arithmetic alone, so
// that a page can count without loading a cipher.
import { Failure } from "./failure.ts";

export const chunkSize = 65536;
export const tagSize = 16;
export const nonceSize = 16;
export const sealedChunk = chunkSize + tagSize;
/** maxPlaintext is the most that one payload holds: 8 GiB. */
export const maxPlaintext = 2 ** 33;

/** payloadSize is the length of the payload of so many bytes of plaintext. */
export function payloadSize(plaintext: number): number {
  if (!Number.isSafeInteger(plaintext) || plaintext < 0 || plaintext > maxPlaintext) throw new Failure("too-large");
  return nonceSize + plaintext + tagSize * chunkCount(plaintext);
}

/** plaintextSize is its inverse. Lengths that no payload has are refused. */
export function plaintextSize(payload: number): number {
  const chunks = Math.ceil((payload - nonceSize) / sealedChunk);
  const plaintext = payload - nonceSize - chunks * tagSize;
  if (!Number.isSafeInteger(plaintext) || plaintext < 0 || plaintext > maxPlaintext || payloadSize(plaintext) !== payload) {
    throw new Failure("payload-swapped", "no payload has this length");
  }
  return plaintext;
}

/** chunkCount counts the chunks of a plaintext. Only an empty one has an empty chunk. */
export const chunkCount = (plaintext: number): number => Math.max(1, Math.ceil(plaintext / chunkSize));

/** chunkStart is where a chunk begins in the payload. */
export const chunkStart = (index: number): number => nonceSize + index * sealedChunk;

/** chunkAt is the chunk in which a byte of the payload stands; the nonce belongs to the first. */
export const chunkAt = (payload: number): number => Math.floor(Math.max(payload - nonceSize, 0) / sealedChunk);

/** chunksOf says which chunks hold the plaintext bytes from `from` up to `to`, and where they stand in the payload. */
export function chunksOf(from: number, to: number, plaintext: number): { first: number; begin: number; end: number } {
  const first = Math.min(Math.floor(from / chunkSize), chunkCount(plaintext) - 1);
  const after = Math.max(first + 1, Math.ceil(Math.min(to, plaintext) / chunkSize));
  return { first, begin: chunkStart(first), end: Math.min(chunkStart(after), payloadSize(plaintext)) };
}
