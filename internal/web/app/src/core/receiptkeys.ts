// Which of the vault's receipt keys are believed (docs/protocol.md section 3; in Go api/client/receiptkeys.go, with the vectors of
// api/vectors/receiptkeys.json). Each key signs the one that comes after it. Whoever kept a key believes those that follow from it
// and no others, for anybody can say that a key of his came before; one that took the place of a stolen key follows from none.
// Whoever kept none has the vault's word for the first, but not for a chain that does not hold.
import { base64url, utf8, type Bytes } from "./bytes.ts";
import { Failure } from "./failure.ts";
import { signedBy } from "./jws.ts";
import { bytesOf } from "./names.ts";
import { list, object, whole, type Of } from "./shape.ts";

export const chainShape = list(object({ key: bytesOf, from: whole, before: bytesOf, signature: bytesOf }));

/** What the vault shows. */
export interface Shown {
  readonly receipt_keys: readonly Bytes[];
  readonly receipt_chain?: Of<typeof chainShape>;
}

const most = 1000; // links, as api/openapi.yaml has it

/** believed gives the keys that follow from the kept one, the newest first, or all when none was kept. Code: receipt-keys. */
export function believed(kept: Bytes | undefined, shown: Shown): Bytes[] {
  const next = links(shown);
  if (kept === undefined) return [...shown.receipt_keys];
  const out = walk(base64url(kept), next);
  return out.flatMap((name) => shown.receipt_keys.find((key) => base64url(key) === name) ?? refuse("the kept key is not shown"));
}

/** links gives the key after each, once every link is good: it joins two keys that are shown, by the signature of the one before;
 *  no key comes before or after two others, or after itself. */
function links({ receipt_keys, receipt_chain = [] }: Shown): Map<string, string> {
  if (receipt_chain.length > most) refuse("there are too many links");
  const shown = new Set(receipt_keys.map(base64url));
  const next = new Map<string, string>();
  for (const link of receipt_chain) {
    const [before, key] = [base64url(link.before), base64url(link.key)];
    if (!shown.has(before) || !shown.has(key)) refuse("a link names a key that is not shown");
    if (next.has(before) || !signedBy(link.signature, said(before, key, link.from), link.before)) refuse("a link does not hold");
    next.set(before, key);
  }
  const after = new Set(next.values());
  const reached = [...next.keys()].filter((key) => !after.has(key)).reduce((sum, first) => sum + walk(first, next).length - 1, 0);
  if (after.size !== next.size || reached !== next.size) refuse("the links go in a circle");
  return next;
}

/** walk goes to the newest key, which it gives first. links has seen that there is an end, or counts on the bound here. */
function walk(first: string, next: ReadonlyMap<string, string>): string[] {
  const out = [first];
  for (let now = next.get(first); now !== undefined && out.length <= next.size; now = next.get(now)) out.unshift(now);
  return out;
}

/** said is what one key signs of the next; a time that no calendar has gives a text that nobody signed. */
function said(before: string, key: string, from: number): Bytes {
  const moment = new Date(from * 1000);
  const time = Number.isNaN(moment.getTime()) ? "" : moment.toISOString().replace(".000Z", "Z");
  return utf8(`testimony-vault/v1/receipt-key\n${before}\n${key}\n${time}\n`);
}

function refuse(what: string): never {
  throw new Failure("receipt-keys", what);
}
