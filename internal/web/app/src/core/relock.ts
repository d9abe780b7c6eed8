// Locking a part anew (docs/protocol.md section 8; in Go api/client/relock.go): the same content under a new key, so that whoever kept
// the old key can open nothing that the vault still has. Readers who are let in stay let in, each after the same checks as when
// she let them in; where one is not vouched for any more nothing is signed. The content is opened here, whole, against what she
// signed, before it is sealed again.
import { base64url, type Bytes } from "./bytes.ts";
import type { Bodies } from "./bodies.ts";
import { post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, problemIs } from "./failure.ts";
import { forget, refresh, type History } from "./history.ts";
import { partOf, testimonyOf } from "./known.ts";
import { pathOf } from "./address.ts";
import { hashOf } from "./names.ts";
import { underPolicy } from "./policies.ts";
import { researcher } from "./readers.ts";
import { accepted, sayWith } from "./say.ts";
import type { Binding } from "./sealer.ts";
import { time } from "./session.ts";
import { saying } from "./statement.ts";
import { openOwnPart, type SendOptions } from "./testimonies.ts";
import { upload } from "./upload.ts";

const maxRelocks = 3; // how often it is made anew because grants changed meanwhile

/** relock gives the grants that were carried over. */
export async function relock(c: Client, testimony: string, n: number, options: SendOptions = {}): Promise<string[]> {
  for (let round = 1; ; round++) {
    try {
      return await relockOnce(c, testimony, n, options);
    } catch (error) {
      if (!problemIs(error, "grants-changed") || round === maxRelocks) throw error;
      forget(c);
    }
  }
}

async function relockOnce(c: Client, testimony: string, n: number, options: SendOptions): Promise<string[]> {
  const old = partOf(await refresh(c), testimony, n);
  const { info, content } = await openOwnPart(c, testimony, n, options.signal === undefined ? {} : { signal: options.signal });
  let header: Bytes = new Uint8Array(0);
  const slot = { ...options, testimony, n: (h: History) => still(h, testimony, n, old) };
  const up = await upload(c, slot, async () => {
    const lock = await keysOf(c).lock(info, content);
    header = lock.header;
    return lock;
  });
  let carried: Carried[] = [];
  await sayWith(c, async (h) => {
    still(h, testimony, n, old);
    carried = await carryOver(c, h, testimony, n, header, up.binding);
    return saying("relock", { testimony, n, old_payload_sha256: old.payload_sha256, ...up.binding,
      grants: carried.map((one) => ({ grant: one.grant, header_sha256: hashOf(one.header) })) });
  }, (statement) => post(c, `${pathOf(testimony)}/relocks`, { statement, header: base64url(header),
    headers: carried.map((one) => ({ grant: one.grant, header: base64url(one.header) })) }, accepted));
  return carried.map((one) => one.grant);
}

/** still fails when a part is no longer what it was. */
function still(h: History, testimony: string, n: number, old: Binding): number {
  const now = partOf(h, testimony, n);
  if (now.payload_sha256 !== old.payload_sha256 || now.header_sha256 !== old.header_sha256) {
    throw new Failure("refused", "another device of hers has just locked this part anew");
  }
  return n;
}

interface Carried {
  grant: string;
  header: Bytes;
}

/** carryOver wraps the new key to every reader whose grant is neither revoked nor over, by grant: the vault takes these and no others. */
async function carryOver(c: Client, h: History, testimony: string, n: number, own: Bytes, of: Binding): Promise<Carried[]> {
  const out: Carried[] = [];
  const live = [...testimonyOf(h, testimony).grants.values()].filter((g) => g.parts.has(n) && !g.revoked && time(c) < g.terms.until);
  for (const { id, grant } of live.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    out.push({ grant: id, header: await keysOf(c).rewrap(own, of, await readerOf(c, grant)) });
  }
  return out;
}

/** readerOf is whom the new key is wrapped to: still vouched for, and with the very key that she granted to. */
async function readerOf(c: Client, grant: Bodies["grant"]): Promise<string> {
  const reader = await researcher(c, grant.grantee);
  const recipient = await underPolicy(c, grant.testimony, grant.conditions.policy, grant.grantee, reader.recipient);
  if (hashOf(recipient) !== grant.recipient_sha256) throw new Failure("recipient-swapped");
  if (!recipient.startsWith("age1pq1")) throw new Failure("classic");
  return recipient;
}
