// The container: the plaintext of a part (docs/protocol.md section 8; in Go internal/envelope/container.go). A ustar archive of
// TESTIMONY-VAULT-1 (empty), part.json, content and SHA256SUMS, then zeros up to a length class, so that its size is known before
// the first byte and tells the content's only by class. It is a tar archive so that a reader needs nothing of ours in thirty years.
import { concat, equal, hex, utf8, type Bytes } from "./bytes.ts";
import { sha256 } from "./digest.ts";
import { Failure } from "./failure.ts";
import { encodeInfo } from "./partinfo.ts";
import type { PartInfo } from "./sealer.ts";
import { maxPlaintext } from "./sizes.ts";
import { block, blockSize, padded } from "./tar.ts";

export const names = { marker: "TESTIMONY-VAULT-1", info: "part.json", content: "content", sums: "SHA256SUMS" } as const;

const endBlocks = 2 * blockSize;

/** A container around a content that is still to come. */
export interface Layout {
  /** all that stands before the content */
  readonly head: Bytes;
  /** length of the content */
  readonly content: number;
  /** length of the whole */
  readonly size: number;
  /** what follows the content, up to the end blocks; zeros fill the rest */
  tail(contentSha256: Uint8Array): Bytes;
}

/** layout is that of a content of so many bytes. */
export function layout(info: PartInfo, content: number): Layout {
  const text = encodeInfo(info);
  const filling = new Uint8Array(padded(text.length) - text.length);
  return {
    head: concat(block(names.marker, 0), block(names.info, text.length), text, filling, block(names.content, content)),
    content,
    size: containerSize(text.length, content),
    tail: (digest) => tail(sha256(text), digest, content),
  };
}

/** containerSize is the length of a container. What does not fit into one part is too-large. */
export function containerSize(info: number, content: number): number {
  if (!Number.isSafeInteger(content) || content < 0 || content > maxPlaintext) throw new Failure("too-large");
  const size = lengthClass(archiveSize(info, content));
  if (size > maxPlaintext) throw new Failure("too-large");
  return size;
}

/** lengthClass rounds up to 16, 32 or 64 KiB, and beyond by Padmé: O(log log) bits of the length show, at most 3.2 % are added.
 *  Counted in factors of two, not with logarithms, whose rounding another machine may do otherwise. */
export function lengthClass(length: number): number {
  for (const size of [2 ** 14, 2 ** 15, 2 ** 16]) if (length <= size) return size;
  const exponent = bitLength(length) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(length / step) * step;
}

/** tail is the padding of the content, and SHA256SUMS in the format of coreutils. */
export function tail(info: Uint8Array, content: Uint8Array, length: number): Bytes {
  const text = sums(info, content);
  const gap = new Uint8Array(padded(length) - length);
  return concat(gap, block(names.sums, text.length), text, new Uint8Array(padded(text.length) - text.length));
}

/** checkTail throws unless the bytes behind the content are what its digests say. */
export function checkTail(found: Uint8Array, info: Uint8Array, content: Uint8Array, length: number): void {
  if (!equal(found, tail(info, content, length))) throw new TypeError("the checksums do not match the content");
}

/** archiveSize is the length without the filling. */
export function archiveSize(info: number, content: number): number {
  const none = new Uint8Array(32);
  return 4 * blockSize + padded(info) + padded(content) + padded(sums(none, none).length) + endBlocks;
}

function sums(info: Uint8Array, content: Uint8Array): Bytes {
  const line = (digest: Uint8Array, name: string) => `${hex(digest)}  ${name}\n`;
  return utf8(line(sha256(new Uint8Array(0)), names.marker) + line(info, names.info) + line(content, names.content));
}

function bitLength(n: number): number {
  let bits = 0;
  for (; n >= 1; n = Math.floor(n / 2)) bits++;
  return bits;
}
