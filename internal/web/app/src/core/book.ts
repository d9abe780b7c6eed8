// What a chain adds up to: her testimonies, their parts and the grants on them, by her own word and nobody else's (in Go
// internal/statement/book.go). Acts rest on it, never on the server's lists. A statement that contradicts an earlier one
// breaks the chain: no client of hers would have signed it.
import { subjectOf, type Bodies, type GrantedPart } from "./bodies.ts";
import type { Chain } from "./chain.ts";
import { Failure } from "./failure.ts";
import type { Binding } from "./sealer.ts";
import type { Statement, StatementOf } from "./statement.ts";
import { termsOf, within, type Terms } from "./terms.ts";

/** A grant and what became of it. Terms, accreditation and bindings are those in force. */
export interface GrantEntry {
  readonly id: string;
  readonly grant: Bodies["grant"];
  readonly issuedAt: number;
  terms: Terms;
  accreditation: string;
  revoked: boolean; // or withdrawn
  answered: Bodies["answer"] | undefined; // since she gave or renewed it
  parts: Map<number, GrantedPart>; // a part that was withdrawn is no longer there
}

export interface TestimonyEntry {
  card: string; // SHA-256, "" where there is none
  begun: Map<number, Bodies["begin"]>;
  parts: Map<number, Binding>;
  received: Map<number, StatementOf<"received">>; // handed over to be sealed, not adopted yet
  grants: Map<string, GrantEntry>;
  policies: Map<string, Bodies["policy"]>;
  paused: boolean;
  evidence: boolean;
  erased: boolean;
}

export interface Book {
  testimonies: Map<string, TestimonyEntry>;
  paused: boolean; // everything
  pauseCode: string; // SHA-256 of the code that is good, "" when none is
}

function blank(): TestimonyEntry {
  return { card: "", begun: new Map(), parts: new Map(), received: new Map(), grants: new Map(), policies: new Map(),
    paused: false, evidence: false, erased: false };
}

/** fold reads a chain up to, and without, the statement with seq `before`. */
export function fold(chain: Chain, before = Number.MAX_SAFE_INTEGER): Book {
  const book: Book = { testimonies: new Map(), paused: false, pauseCode: "" };
  for (const s of chain.statements) {
    if (s.seq >= before) break;
    take(book, s);
  }
  return book;
}

function take(book: Book, s: Statement): void {
  const testimony = subjectOf(s.body);
  if (testimony === "") {
    takeAll(book, s);
    return;
  }
  const entry = book.testimonies.get(testimony) ?? blank();
  book.testimonies.set(testimony, s.act === "erase" ? { ...blank(), erased: true } : entry);
  takeOne(entry, s);
}

function takeAll(book: Book, s: Statement): void {
  if (s.act === "pause") book.paused = true;
  else if (s.act === "lift") book.paused = false;
  else if (s.act === "pausecode") book.pauseCode = s.body.code_sha256;
  else if (s.act === "withdraw") for (const t of book.testimonies.values()) withdraw(t, s.body);
}

function takeOne(t: TestimonyEntry, s: Statement): void {
  switch (s.act) {
    case "card": t.card = s.body.card_sha256; return;
    case "begin": t.begun.set(s.body.n, s.body); return;
    case "received": t.received.set(s.body.n, s); return;
    case "add": case "adopt": put(t, s.body); return;
    case "grant": grant(t, s); return;
    case "revoke": existing(t, s.body.grant).revoked = true; return;
    case "relock": relock(t, s.body); return;
    case "renew": retermed(t, s.body.grant, s.body, s.body.accreditation); return;
    case "narrow": narrowed(t, s.body); return;
    case "answer": standing(t, s.body.grant).answered = s.body; return;
    case "pause": t.paused = true; return;
    case "lift": t.paused = false; return;
    case "withdraw": withdraw(t, s.body); return;
    case "policy": t.policies.set(s.id, s.body); return;
    case "rewrap": rewrap(t, s.body); return;
    case "mode": t.evidence = s.body.mode === "evidence"; return;
    case "key": case "rekey": case "recovery": case "pausecode": case "checkin": case "erase": return; // of the whole account
    case "apply": case "ask": case "reply": case "trust": case "claim": case "release": return; // what she says to others
    case "roster": case "accredit": case "suspend": case "agree": case "halt": return; // a steward's
    case "client": case "retire": case "collection": case "consultation": return; // an officer's
  }
}

const contradiction = (what: string) => new Failure("chain", `her own statements do not contain it: ${what}`);

function bindingOf(b: Binding): Binding {
  return { length: b.length, payload_sha256: b.payload_sha256, commit: b.commit, header_sha256: b.header_sha256 };
}

function put(t: TestimonyEntry, body: Binding & { n: number }): void {
  if (t.parts.has(body.n)) throw new Failure("chain", "a part is there already");
  t.begun.delete(body.n);
  t.received.delete(body.n);
  t.parts.set(body.n, bindingOf(body));
}

function grant(t: TestimonyEntry, s: StatementOf<"grant">): void {
  const policy = s.body.conditions.policy;
  if (policy !== "" && t.policies.get(policy)?.grantee !== s.body.grantee) throw contradiction("a policy");
  for (const p of s.body.parts) {
    const own = t.parts.get(p.n);
    if (own?.payload_sha256 !== p.payload_sha256 || own.commit !== p.commit) throw contradiction("a granted part");
  }
  t.grants.set(s.id, { id: s.id, grant: s.body, issuedAt: s.issuedAt, terms: termsOf(s.body), accreditation: s.body.accreditation,
    revoked: false, answered: undefined, parts: new Map(s.body.parts.map((p) => [p.n, p])) });
}

function existing(t: TestimonyEntry, id: string): GrantEntry {
  const found = t.grants.get(id);
  if (found === undefined) throw contradiction("a grant");
  return found;
}

function standing(t: TestimonyEntry, id: string): GrantEntry {
  const found = existing(t, id);
  if (found.revoked) throw contradiction("a grant that stands");
  return found;
}

function retermed(t: TestimonyEntry, id: string, terms: Terms, accreditation: string): void {
  const found = standing(t, id);
  found.terms = termsOf(terms);
  if (accreditation === "") return;
  found.accreditation = accreditation;
  found.answered = undefined;
}

function narrowed(t: TestimonyEntry, body: Bodies["narrow"]): void {
  if (!within(body, existing(t, body.grant).terms)) throw new Failure("chain", "terms that are wider than those in force");
  retermed(t, body.grant, body, "");
}

function withdraw(t: TestimonyEntry, w: Bodies["withdraw"]): void {
  for (const g of t.grants.values()) {
    if (w.grantee !== "" && w.grantee !== g.grant.grantee) continue;
    if (w.n !== 0) g.parts.delete(w.n);
    g.revoked ||= w.n === 0 || g.parts.size === 0;
  }
}

function relock(t: TestimonyEntry, r: Bodies["relock"]): void {
  if (t.parts.get(r.n)?.payload_sha256 !== r.old_payload_sha256) throw contradiction("a part that was locked anew");
  for (const g of r.grants) {
    const { parts } = standing(t, g.grant);
    const brought = parts.get(r.n)?.brought;
    parts.set(r.n, { n: r.n, payload_sha256: r.payload_sha256, commit: r.commit, header_sha256: g.header_sha256, ...(brought && { brought }) });
  }
  t.begun.delete(r.n);
  t.parts.set(r.n, bindingOf(r));
}

/** rewrap takes the new headers of all her parts. Uploads under way end with the key they were sealed to. */
function rewrap(t: TestimonyEntry, r: Bodies["rewrap"]): void {
  if (r.parts.length !== t.parts.size + t.received.size) throw contradiction("rewrapped parts");
  for (const p of r.parts) {
    const own = t.parts.get(p.n);
    if (own === undefined && !t.received.has(p.n)) throw contradiction("a rewrapped part");
    if (own !== undefined) t.parts.set(p.n, { ...own, header_sha256: p.header_sha256 });
  }
  t.begun.clear();
  t.card = r.card_sha256;
}
