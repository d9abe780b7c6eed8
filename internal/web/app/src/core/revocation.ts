// The vault's signed words: receipts for statements, and revocation receipts (docs/protocol.md section 3; in Go
// internal/statement/receipt.go and revocation.go). They verify offline with the vault's receipt keys, which its own answer
// names: a receipt binds the vault to what it said, it proves nothing about anybody else.
import { Failure } from "./failure.ts";
import { readByKid } from "./jws.ts";
import { account, hash, id, thumbprintOf } from "./names.ts";
import { boolean, filled, list, object, that, whole, word, type Of } from "./shape.ts";
import type { Statement } from "./statement.ts";
import { day } from "./terms.ts";

const wholeDay = that(whole, "a day is no whole day", (v) => v > 0 && v % day === 0);

const receipt = object({ iss: hash, statement_sha256: hash, account, seq: whole, day: wholeDay });

/** checkReceipt checks that the holder of one of the keys accepted the statement. It gives the day. */
export function checkReceipt(text: string, keys: readonly Uint8Array[], s: Statement): number {
  const said = byOneOf("receipt", keys, (key) => readByKid(text, "tv-receipt+jwt", thumbprintOf(key), key, receipt));
  const same = said.iss === s.vault && said.statement_sha256 === s.hash && said.account === s.issuer && said.seq === s.seq;
  if (!same) throw new Failure("receipt", "it is for another statement");
  return said.day;
}

const n = that(whole, "a part's number is out of range", (v) => v >= 1 && v <= 9999);
const some = that(whole, "a number is below none", (v) => v >= 0);

export const delivered = object({ n, opened: that(whole, "no time", (v) => v > 0), bytes: some, complete: boolean, export: filled(boolean) });

const revocation = that(
  object({
    iss: hash,
    statement_sha256: hash, // a revoke, withdraw or erase
    account, // hers
    testimony: id,
    grant: id,
    grantee: account,
    parts: that(list(object({ n, header_sha256: hash, payload: word("stored", "relocked", "erased") })),
      "its parts do not stand in order", (p) => p.length > 0 && p.every((e, i) => i === 0 || (p[i - 1]?.n ?? 0) < e.n)),
    day: wholeDay,
    fetched: list(delivered),
  }),
  "what had been fetched is of other parts, or out of order",
  (r) => r.fetched.every((f, i) => r.parts.some((p) => p.n === f.n) && (i === 0 || (r.fetched[i - 1]?.opened ?? 0) <= f.opened)),
);

/** What a statement of hers ended of a grant, and all that had left under it until then. */
export type Revocation = Of<typeof revocation>;

/** readRevocation verifies that the holder of one of the keys said this. Of what, is for the caller to compare. */
export function readRevocation(text: string, keys: readonly Uint8Array[]): Revocation {
  return byOneOf("revocation", keys, (key) => readByKid(text, "tv-revocation+jwt", thumbprintOf(key), key, revocation));
}

function byOneOf<T>(code: "receipt" | "revocation", keys: readonly Uint8Array[], reading: (key: Uint8Array) => T): T {
  let cause: unknown = new TypeError("the vault names no receipt key");
  for (const key of keys) {
    try {
      return reading(key);
    } catch (refused) {
      cause = refused;
    }
  }
  throw new Failure(code, cause instanceof Error ? cause.message : "", { cause });
}
