// What a statement of hers ends of which grant, by her own word, and whether the vault's signed receipt says exactly that (in Go
// api/client/revocation.go): this statement, this grant, this reader, these parts under these headers.
import { fold, type GrantEntry } from "./book.ts";
import { Failure } from "./failure.ts";
import type { History } from "./history.ts";
import type { Revocation } from "./revocation.ts";
import type { Statement } from "./statement.ts";

export interface End {
  by: Statement;
  account: string; // hers, whichever of her keys signed
  testimony: string;
  grant: string;
  grantee: string;
  headers: Map<number, string>; // of the reader's headers, by part
}

/** endsAt lists what the statement with this seq ended; undefined when it is not there, because its testimony was erased. */
export function endsAt(h: History, seq: number): Map<string, End> | undefined {
  const by = h.chain.statements.find((s) => s.seq === seq);
  if (by === undefined) return undefined;
  const out = new Map<string, End>();
  for (const [testimony, t] of fold(h.chain, seq).testimonies) {
    for (const [grant, g] of t.grants) {
      const n = hits(by, testimony, grant, g);
      if (n === undefined) continue;
      const ended = [...g.parts.values()].filter((p) => n === 0 || p.n === n);
      const headers = new Map(ended.map((p) => [p.n, p.header_sha256]));
      out.set(grant, { by, account: h.chain.account, testimony, grant, grantee: g.grant.grantee, headers });
    }
  }
  return out;
}

/** hits is the part of a standing grant that a statement ends, 0 for all of it, undefined for nothing. */
function hits(s: Statement, testimony: string, grant: string, g: GrantEntry): number | undefined {
  if (g.revoked) return undefined;
  if (s.act === "revoke") return s.body.testimony === testimony && s.body.grant === grant ? 0 : undefined;
  if (s.act === "erase") return s.body.testimony === testimony ? 0 : undefined;
  if (s.act !== "withdraw") return undefined;
  const { testimony: t, grantee, n } = s.body;
  const meant = (t === "" || t === testimony) && (grantee === "" || grantee === g.grant.grantee) && (n === 0 || g.parts.has(n));
  return meant ? n : undefined;
}

/** proves holds a receipt against what she signed. */
export function proves(e: End | undefined, r: Revocation): void {
  if (e === undefined) throw new Failure("revocation", "it is for something that did not end");
  const statement = r.iss === e.by.vault && r.account === e.account && r.statement_sha256 === e.by.hash;
  const grant = r.testimony === e.testimony && r.grant === e.grant && r.grantee === e.grantee;
  const parts = r.parts.length === e.headers.size && r.parts.every((p) => e.headers.get(p.n) === p.header_sha256);
  if (!statement || !grant || !parts) throw new Failure("revocation", "it is for something else");
}
