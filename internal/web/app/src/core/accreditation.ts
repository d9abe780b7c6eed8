// Whether a reader counts as accredited (docs/protocol.md section 2; in Go api/client/accreditation.go). It trusts the verified
// roster and nothing of what the vault sent but signatures:
//   - the key statement is signed by exactly the account that was asked for;
//   - the application is theirs and over that key;
//   - enough stewards of today signed one accredit body over that account, key, application and the application's fields;
//   - now is in its term, and nobody who is or ever was a steward suspended it: restricting needs no standing vote.
import type { Bodies } from "./bodies.ts";
import type { Client } from "./client.ts";
import { Failure } from "./failure.ts";
import { approved, foreign, voices, type Stewards } from "./roster.ts";
import { list, maybe, object, string, boolean, type Of } from "./shape.ts";
import { accreditationOf, type StatementOf } from "./statement.ts";

/** The vault's word for a reader: key, application, and what stewards signed. */
export const recordShape = object({ key: string, apply: string, accredits: list(string), suspends: maybe(list(string)), silent: maybe(boolean) });
export type Claims = Of<typeof recordShape>;

export interface Researcher {
  account: string;
  recipient: string; // age1pq1…
  name: string;
  institution: string;
  purpose: string;
  accreditation: string; // SHA-256 of the accredit body
  from: number; // Unix seconds
  until: number; // excluded
  vouched: string[]; // names of today's stewards who signed
  silent: boolean; // owes somebody an answer; said of one who was asked for
}

export interface Identity {
  key: StatementOf<"key">;
  apply: StatementOf<"apply">;
}

/** identity checks the key and apply statements of an account. */
export function identity(c: Client, who: string, r: Claims): Identity {
  const key = foreign(c, r.key);
  if (key?.act !== "key" || key.issuer !== who || key.body.role !== "researcher") throw new Failure("recipient-swapped");
  const apply = foreign(c, r.apply);
  if (apply === undefined) throw new Failure("not-accredited", "the application does not verify");
  if (apply.act !== "apply" || apply.issuer !== who || apply.body.key_sha256 !== key.hash) {
    throw new Failure("recipient-swapped", "the application is not over this key");
  }
  return { key, apply };
}

/** One accredit body and those who signed it. */
export interface Voiced {
  hash: string;
  body: Readonly<Bodies["accredit"]>;
  by: string[];
}

/** voiced gathers the accredit statements that are over exactly this key and application, by body. Others count nothing. */
export function voiced(c: Client, { key, apply }: Identity, texts: readonly string[]): Voiced[] {
  const found = new Map<string, Voiced>();
  for (const text of texts) {
    const s = foreign(c, text);
    if (s?.act !== "accredit" || !about(s.body, key, apply)) continue;
    const hash = accreditationOf(s);
    const one = found.get(hash) ?? { hash, body: s.body, by: [] };
    one.by.push(s.issuer);
    found.set(hash, one);
  }
  return [...found.values()];
}

function about(body: Readonly<Bodies["accredit"]>, key: StatementOf<"key">, apply: StatementOf<"apply">): boolean {
  const { name, institution, purpose } = apply.body;
  return body.account === key.issuer && body.key_sha256 === key.hash && body.apply_sha256 === apply.hash && body.name === name &&
    body.institution === institution && body.purpose === purpose;
}

/** vet gives the verified reader, or says why there is none. */
export function vet(c: Client, who: string, r: Claims, stewards: Stewards, now: number): Researcher {
  const known = identity(c, who, r);
  let why = new Failure("not-accredited");
  let found: Researcher | undefined;
  for (const one of voiced(c, known, r.accredits)) {
    const objection = objectionTo(c, one, r.suspends ?? [], stewards, now);
    if (objection !== undefined) why = objection;
    else if (found === undefined || found.until < one.body.until) found = researcherOf(known, one, stewards, r.silent === true);
  }
  if (found === undefined) throw why;
  return found;
}

function objectionTo(c: Client, one: Voiced, suspends: readonly string[], stewards: Stewards, now: number): Failure | undefined {
  if (!approved(stewards.now, one.by)) return new Failure("too-few-stewards");
  const stopped = suspends.some((text) => {
    const s = foreign(c, text);
    return s?.act === "suspend" && stewards.ever.has(s.issuer) && s.body.account === one.body.account && s.body.accreditation === one.hash;
  });
  if (stopped) return new Failure("accreditation-stopped");
  return now < one.body.from || now >= one.body.until ? new Failure("accreditation-over") : undefined;
}

function researcherOf({ key }: Identity, { hash, body, by }: Voiced, stewards: Stewards, silent: boolean): Researcher {
  const { account, name, institution, purpose, from, until } = body;
  const vouched = voices(stewards.now, by).map((a) => stewards.now.names.get(a) ?? "");
  return { account, recipient: key.body.recipient, name, institution, purpose, accreditation: hash, from, until, vouched, silent };
}
