// The keys that one account has had (docs/protocol.md section 13; in Go internal/statement/succession.go). Each hand-over is
// signed by the key before and proved by the key after, so nobody can put a key at the end of somebody's chain, and a key that
// was given up says nothing any more.
import { fromBase64url, utf8, type Bytes } from "./bytes.ts";
import { signedBy } from "./jws.ts";
import { thumbprintOf } from "./names.ts";
import { read, type Statement } from "./statement.ts";

/** rekeyText is what the new key signs. No JWS begins like this, so a signature over it is good for nothing else. */
export function rekeyText(vault: string, account: string, prev: string, key: string, recipient: string): Bytes {
  return utf8(`testimony-vault/v1/rekey\n${vault}\n${account}\n${prev}\n${key}\n${recipient}\n`);
}

/** successor is the key that signs what follows s in the chain of account: the same, or the one that s hands over to. */
export function successor(s: Statement, account: string): string {
  if (s.act !== "rekey") return s.issuer;
  const next = thumbprintOf(s.body.key);
  const text = rekeyText(s.vault, account, s.prev, s.body.key, s.body.recipient);
  const proven = signedBy(fromBase64url(s.body.proof), text, fromBase64url(s.body.key));
  if (next === s.issuer || next === account || !proven) throw new TypeError("the new key did not sign for taking over this chain");
  return next;
}

/** A lineage without keys is that of an account whose key never changed. */
export interface Lineage {
  readonly keys: readonly string[];
  readonly until: readonly number[]; // seq of the last statement of each key but the newest
}

/** lineageOf verifies an account's rekey statements, all there are, in order. */
export function lineageOf(vault: string, rekeys: readonly string[]): Lineage {
  const keys: string[] = [];
  const until: number[] = [];
  for (const text of rekeys) {
    const s = read(text);
    if (keys.length === 0) keys.push(s.issuer);
    const inOrder = keys.at(-1) === s.issuer && s.seq > (until.at(-1) ?? 0);
    if (s.act !== "rekey" || s.vault !== vault || !inOrder) throw new TypeError("a rekey statement of another chain");
    const next = successor(s, keys[0] ?? "");
    if (keys.includes(next)) throw new TypeError("a key was used before");
    keys.push(next);
    until.push(s.seq);
  }
  return { keys, until };
}

/** author is the account that signed s, if s stands where its key was good. */
export function author(of: Lineage, s: Statement): string {
  if (of.keys.length === 0) return s.issuer;
  const i = of.keys.indexOf(s.issuer);
  const from = of.until[i - 1] ?? 0;
  const to = of.until[i] ?? Number.MAX_SAFE_INTEGER;
  if (i < 0 || s.seq <= from || s.seq > to) throw new TypeError("a statement by a key that was not good then");
  return of.keys[0] ?? "";
}

/** sameAuthor says whether two statements are of one account. */
export function sameAuthor(of: Lineage, a: Statement, b: Statement): boolean {
  try {
    return author(of, a) === author(of, b);
  } catch {
    return false;
  }
}
