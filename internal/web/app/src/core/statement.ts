// Statements: what a person says and signs (docs/protocol.md section 2; in Go internal/statement). A Statement is made by sign
// or read only, so whoever has one knows that its signature is good, that its signer is the account it names, and that its
// bytes are their only spelling. It does not say that it belongs to this vault, that it is the next of its chain, or that its
// signer may do what it says: see chain.ts.
import { fromBase64url, type Bytes } from "./bytes.ts";
import { bodies, bodyHash, readBody, writeBody, type Act, type Bodies } from "./bodies.ts";
import { decode, encode } from "./canonical.ts";
import type { Head } from "./client.ts";
import { compact, good, keyOf, ownHeader, split } from "./jws.ts";
import { hash, hashOf, id, isHash, newId, thumbprintOf } from "./names.ts";
import type { Signer } from "./sealer.ts";
import { object, string, that, whole, word, type Shape } from "./shape.ts";
import { day, dayOf } from "./terms.ts";

const typ = "tv-statement+jwt";

interface Claims {
  readonly issuer: string; // the thumbprint of the signing key
  readonly vault: string;
  readonly id: string;
  readonly issuedAt: number; // Unix seconds, a whole day
  readonly seq: number; // from 1
  readonly prev: string; // b64, "" of the first
  readonly compact: string;
  readonly hash: string; // of compact
}

export type Statement = { [A in Act]: Claims & { readonly act: A; readonly body: Readonly<Bodies[A]> } }[Act];
export type StatementOf<A extends Act> = Extract<Statement, { act: A }>;

const acts = Object.keys(bodies) as Act[];
const anything: Shape<unknown> = (v) => v;

const claims = object({
  iss: hash,
  aud: hash,
  jti: id,
  iat: that(whole, "iat is not a whole day", (v) => v > 0 && v % day === 0),
  seq: that(whole, "seq counts from 1", (v) => v >= 1),
  prev: that(string, "prev is misspelt", (v) => v === "" || isHash(v)),
  act: word(...acts),
  body: anything,
});

/** read verifies a compact statement, or throws. */
export function read(text: string): Statement {
  const parts = split(text);
  const x = keyOf(parts.header, typ);
  if (!good(parts, fromBase64url(x))) throw new TypeError("the signature does not fit the text and key");
  const said = decode(parts.payload, claims);
  const first = said.seq === 1;
  if (first !== (said.act === "key") || first !== (said.prev === "")) {
    throw new TypeError("a chain begins with a key statement, seq 1 and no prev, and only there");
  }
  if (said.iss !== thumbprintOf(x)) throw new TypeError("iss is not the thumbprint of the signing key");
  const body = readBody(said.act, JSON.stringify(said.body));
  return {
    issuer: said.iss, vault: said.aud, id: said.jti, issuedAt: said.iat, seq: said.seq, prev: said.prev,
    act: said.act, body, compact: text, hash: hashOf(text),
  } as Statement;
}

/** A body to be signed. */
export type Saying = { [A in Act]: { act: A; body: Bodies[A] } }[Act];

/** say makes a Saying with its members in order. */
export function saying<A extends Act>(act: A, body: Bodies[A]): Saying {
  return { act, body: writeBody(act, body) } as Saying;
}

export interface Pen {
  signer: Signer;
  vault: string;
  now: number; // Unix seconds, by the vault's clock
  random: (length: number) => Bytes;
}

/** sign makes the statement that follows head. Reading our own work means that nothing leaves that nobody would accept. */
export async function sign(pen: Pen, head: Head, what: Saying): Promise<Statement> {
  const payload = {
    iss: pen.signer.thumbprint, aud: pen.vault, jti: newId(pen.random), iat: dayOf(pen.now),
    seq: head.seq + 1, prev: head.sha256, act: what.act, body: what.body,
  };
  encode(payload); // throws on what cannot be signed before the signer is asked
  return read(await compact(ownHeader(typ, pen.signer.publicKey), payload, (bytes) => pen.signer.sign(bytes)));
}

/** headAfter is where a chain stands behind a statement. */
export function headAfter(s: Statement): Head {
  return { seq: s.seq, sha256: s.hash };
}

/** accreditationOf is the name of the accreditation that a statement speaks for. */
export function accreditationOf(s: StatementOf<"accredit">): string {
  return bodyHash("accredit", s.body);
}

