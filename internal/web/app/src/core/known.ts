// Where a thing stands in her own verified history. A file of its own because whoever only tells needs none of it: a sent text
// must stay light.
import type { GrantEntry, TestimonyEntry } from "./book.ts";
import type { Client } from "./client.ts";
import { Failure, is, untrusted } from "./failure.ts";
import { enrolledIn, history, refresh, type History } from "./history.ts";
import type { Binding } from "./sealer.ts";

/** surely looks again with a fresh chain before it accuses the vault or says that something is not there: another device of
 *  hers may have acted meanwhile. */
export async function surely<T>(c: Client, look: (h: History) => Promise<T>): Promise<T> {
  const h = await history(c);
  enrolledIn(h);
  try {
    return await look(h);
  } catch (error) {
    if (!untrusted(error) && !is(error, "not-found")) throw error;
  }
  return look(await refresh(c));
}

/** testimonyOf is what became of one of her testimonies. */
export function testimonyOf(h: History, testimony: string): TestimonyEntry {
  const found = h.book.testimonies.get(testimony);
  if (found === undefined) throw new Failure("not-found");
  if (found.erased) throw new Failure("erased");
  return found;
}

/** partOf gives what she signed of a part. One that arrived and awaits her word is told from one that she knows nothing of. */
export function partOf(h: History, testimony: string, n: number): Binding {
  const found = testimonyOf(h, testimony);
  const part = found.parts.get(n);
  if (part === undefined) throw new Failure(found.received.has(n) ? "not-adopted" : "not-found");
  return part;
}

/** grantOf is a grant of hers that she has not ended. */
export function grantOf(h: History, testimony: string, grant: string): GrantEntry {
  const found = testimonyOf(h, testimony).grants.get(grant);
  if (found === undefined) throw new Failure("not-found");
  if (found.revoked) throw new Failure("revoked-before");
  return found;
}
