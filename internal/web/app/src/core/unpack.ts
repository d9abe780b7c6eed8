// Reading a container back (docs/protocol.md section 8; in Go internal/envelope/container_read.go). Every header must be the very
// block that is written for its name and size, the checksums those of the content, the filling zeros, and nothing behind it: one
// content has one container. Until end has returned, what was read is not to be relied on.
import { concat, equal, type Bytes } from "./bytes.ts";
import { checkTail, containerSize, names, tail } from "./container.ts";
import { sha256 } from "./digest.ts";
import { Failure } from "./failure.ts";
import { maxPartInfo, parseInfo } from "./partinfo.ts";
import type { PartInfo } from "./sealer.ts";
import { running } from "./sha256.ts";
import { block, blockSize, padded, sizeIn } from "./tar.ts";

/** What stands before the content. */
export interface Head {
  readonly info: PartInfo;
  readonly infoSha256: Bytes;
  /** where the content begins */
  readonly at: number;
  /** its length */
  readonly size: number;
  /** length of the whole container */
  readonly container: number;
}

/** maxHead is how many bytes are always enough for readHead. */
export const maxHead = 3 * blockSize + maxPartInfo;

/** readHead reads the beginning of a container, or gives undefined when more bytes are needed. */
export function readHead(bytes: Uint8Array): Head | undefined {
  if (bytes.length < 2 * blockSize) return undefined;
  member(bytes, 0, names.marker, 0);
  const infoLength = member(bytes, blockSize, names.info, maxPartInfo);
  const at = 3 * blockSize + padded(infoLength);
  if (bytes.length < at) return undefined;
  const infoEnd = 2 * blockSize + infoLength;
  const text = bytes.subarray(2 * blockSize, infoEnd);
  allZero(bytes.subarray(infoEnd, at - blockSize));
  const size = member(bytes, at - blockSize, names.content, 2 ** 33);
  return { info: parseInfo(text), infoSha256: sha256(text), at, size, container: containerSize(infoLength, size) };
}

/** headOf reads the beginning of a container of known length, as far as it is there; anything else throws. */
export function headOf(bytes: Uint8Array, length: number): Head {
  const head = readHead(bytes);
  if (head?.container !== length) throw new TypeError("the container is not as long as what it holds");
  return head;
}

/** A container that is read as it comes. */
export interface Unpacking {
  /** push takes the next plaintext and gives the head, once, and what of the content became readable. */
  push(bytes: Bytes): { head?: Head; content: Bytes[] };
  end(): void;
}

/** unpacking reads one container of known length. */
export function unpacking(length: number): Unpacking {
  let [held, at]: [Bytes, number] = [new Uint8Array(0), 0];
  let head: Head | undefined;
  const digest = running();
  const behind: Uint8Array[] = [];
  const body = (bytes: Bytes, known: Head): Bytes[] => {
    const [from, end] = [Math.max(known.at - at, 0), known.at + known.size - at];
    const content = bytes.subarray(from, Math.max(from, Math.min(end, bytes.length)));
    digest.add(content);
    takeTail(behind, bytes.subarray(Math.max(end, 0)), known);
    at += bytes.length;
    return content.length > 0 ? [content] : [];
  };
  return {
    push: (bytes) =>
      guarded(() => {
        if (head !== undefined) return { content: body(bytes, head) };
        held = concat(held, bytes);
        head = readHead(held);
        if (head === undefined) return { content: [] };
        if (head.container !== length) throw new TypeError("the container is not as long as what it holds");
        return { head, content: body(held, head) };
      }),
    end: () =>
      guarded(() => {
        if (head === undefined || at !== length) throw new TypeError("it ends early");
        checkTail(concat(...behind), head.infoSha256, digest.sum(), head.size);
      }),
  };
}

/** takeTail keeps what the checksums are compared with and lets only zeros follow. */
function takeTail(behind: Uint8Array[], bytes: Uint8Array, head: Head): void {
  const none = new Uint8Array(32);
  const wanted = tail(none, none, head.size).length - behind.reduce((sum, piece) => sum + piece.length, 0);
  if (bytes.length === 0) return;
  if (wanted > 0) behind.push(bytes.slice(0, wanted));
  allZero(bytes.subarray(Math.max(wanted, 0)));
}

function member(bytes: Uint8Array, at: number, name: string, limit: number): number {
  const header = bytes.subarray(at, at + blockSize);
  const size = sizeIn(header);
  if (size > limit || !equal(header, block(name, size))) throw new TypeError(`the header of ${name} is not as this vault writes it`);
  return size;
}

function allZero(bytes: Uint8Array): void {
  if (bytes.some((byte) => byte !== 0)) throw new TypeError("bytes are hidden in the filling");
}

function guarded<T>(what: () => T): T {
  try {
    return what();
  } catch (cause) {
    throw new Failure("payload-swapped", cause instanceof Error ? cause.message : "", { cause });
  }
}
