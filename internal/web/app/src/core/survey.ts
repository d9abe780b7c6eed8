// The first of two readings of a content (docs/protocol.md section 8, "Payload nonce"): its digest, which the container's last
// member holds, and the leaves of the tree hash, of which the nonce is made. The leaves are hashed by Web Crypto while the
// content's own digest, which has to go on from MiB to MiB, is hashed here.
import type { Bytes } from "./bytes.ts";
import { layout, type Layout } from "./container.ts";
import { around, readBlob, within } from "./content.ts";
import { running } from "./sha256.ts";
import { Failure } from "./failure.ts";
import type { PartInfo } from "./sealer.ts";
import { leafCount, leafOf, leafSize, type Tree } from "./tree.ts";

/** What one reading found: enough to read the container again from anywhere, and to notice when it is not the same. */
export interface Survey {
  readonly content: Blob;
  readonly layout: Layout;
  readonly tail: Bytes;
  readonly tree: Tree;
}

/** Watches and stops what takes long. done counts plaintext bytes of total. */
export interface Watch {
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, total: number) => void;
}

/** look throws `stopped` when the caller stopped it, and tells how far it is. */
export function look(watch: Watch, done: number, total: number): void {
  if (watch.signal?.aborted === true) throw new Failure("stopped");
  watch.progress?.(Math.min(done, total), total);
}

/** survey reads a content once. */
export async function survey(info: PartInfo, content: Blob, watch: Watch = {}): Promise<Survey> {
  const plan = layout(info, content.size);
  const digest = running();
  const leaves: Promise<Bytes>[] = [];
  const count = leafCount(plan.size);
  let tail: Bytes | undefined;
  let next = pieceOf(content, plan, 0);
  for (let i = 0; i < count; i++) {
    const piece = await next;
    if (i + 1 < count) next = ahead(pieceOf(content, plan, i + 1));
    digest.add(piece);
    if (digest.at === plan.content) tail ??= plan.tail(digest.sum());
    const [from, to] = leafBounds(plan, i);
    await leaves.at(-1); // one behind, so that the memory stays flat and a stop is heard
    leaves.push(ahead(leafOf(around(plan, from, to, piece, tail))));
    look(watch, to, plan.size);
  }
  if (tail === undefined) throw new Error("the content was not read to its end");
  return { content, layout: plan, tail, tree: { size: plan.size, leaves: await Promise.all(leaves) } };
}

/** leafAgain reads a leaf of the container again; it is the caller's to compare it. */
export async function leafAgain(known: Survey, index: number): Promise<Bytes> {
  const [from, to] = leafBounds(known.layout, index);
  return around(known.layout, from, to, await pieceOf(known.content, known.layout, index), known.tail);
}

function pieceOf(content: Blob, plan: Layout, index: number): Promise<Bytes> {
  const { from, to } = within(plan, ...leafBounds(plan, index));
  return readBlob(content, from, to);
}

function leafBounds(plan: Layout, index: number): [number, number] {
  return [index * leafSize, Math.min((index + 1) * leafSize, plan.size)];
}

/** ahead lets a promise fail later than it was made, when it is waited for. */
export function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
