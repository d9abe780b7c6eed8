// What is to be sealed: bytes of known length that can be read again from anywhere. A Blob is one, and so is the container around
// it: a file of half a gigabyte is never in memory, only the MiB that is being worked on.
import type { Bytes } from "./bytes.ts";
import type { Layout } from "./container.ts";
import { Failure } from "./failure.ts";

/** readBlob reads a stretch of a file. A file that cannot be read any more, or has become shorter, is file-changed. */
export async function readBlob(blob: Blob, from: number, to: number): Promise<Bytes> {
  let bytes: Bytes;
  try {
    bytes = new Uint8Array(await blob.slice(from, to).arrayBuffer());
  } catch (cause) {
    throw new Failure("file-changed", "the file cannot be read", { cause });
  }
  if (bytes.length !== to - from) throw new Failure("file-changed", "the file is shorter than it was");
  return bytes;
}

/** within says which bytes of the content stand between two places of the container. */
export function within(layout: Layout, from: number, to: number): { from: number; to: number } {
  const place = (at: number) => Math.min(Math.max(at - layout.head.length, 0), layout.content);
  return { from: place(from), to: place(to) };
}

/** around puts a stretch of the container together: head, the content's bytes there, tail, zeros. The tail may be absent for a
 *  stretch that ends before the content does. Of a stretch that is all content, it is the content's bytes themselves. */
export function around(layout: Layout, from: number, to: number, content: Bytes, tail?: Bytes): Bytes {
  if (content.length === to - from) return content;
  const out = new Uint8Array(to - from);
  const end = layout.head.length + layout.content;
  put(out, layout.head, -from);
  put(out, content, layout.head.length + within(layout, from, to).from - from);
  if (to > end && tail === undefined) throw new Error("the digest of the content is not known yet");
  if (tail !== undefined) put(out, tail, end - from);
  return out;
}

/** put copies what of bytes falls into out, when its first byte stands at `at`. */
function put(out: Bytes, bytes: Bytes, at: number): void {
  const from = Math.max(-at, 0);
  const to = Math.min(bytes.length, out.length - at);
  if (from < to) out.set(bytes.subarray(from, to), at + from);
}
