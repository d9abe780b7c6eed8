// Her chain of statements, verified from the first one on (docs/protocol.md section 2; in Go internal/statement/chain.go):
// whole, in order, of one account and one vault. Statements of an erased testimony leave holes, and only the erase statement
// that she signed over exactly these hashes explains them. That nothing follows its head is more than a chain can show.
import { base64url, concat, fromBase64url } from "./bytes.ts";
import { subjectOf } from "./bodies.ts";
import type { Head } from "./client.ts";
import { Failure } from "./failure.ts";
import { successor } from "./lineage.ts";
import { sha256 } from "./sha256.ts";
import { read, type Statement } from "./statement.ts";

/** One place of a chain as a server tells it. */
export interface Entry {
  seq: number;
  sha256: string;
  statement?: string; // absent where its testimony has been erased
  testimony?: string; // then the server's word for which one
}

export interface Chain {
  readonly account: string; // the thumbprint of its first key
  readonly keys: readonly string[]; // all it had; the last one signs what follows
  readonly vault: string;
  readonly statements: readonly Statement[]; // without the erased ones
  readonly hashes: readonly string[]; // of every place, holes too
}

export const noHead: Head = { seq: 0, sha256: "" };

export function newChain(account: string, vault: string): Chain {
  return { account, keys: [account], vault, statements: [], hashes: [] };
}

export function headOf(c: Chain): Head {
  return c.hashes.length === 0 ? noHead : { seq: c.hashes.length, sha256: c.hashes.at(-1) ?? "" };
}

export function sameHead(a: Head, b: Head): boolean {
  return a.seq === b.seq && (a.seq === 0 || a.sha256 === b.sha256);
}

/** append verifies the next statement of the account. The old chain stays as it is: somebody may be reading it. */
export function append(c: Chain, s: Statement): Chain {
  return { ...c, keys: admit(c, s), statements: [...c.statements, s], hashes: [...c.hashes, s.hash] };
}

/** admit checks that s is the next statement, by the key whose turn it is, and gives the keys after it. */
function admit(c: Chain, s: Statement): readonly string[] {
  const head = headOf(c);
  if (s.issuer !== c.keys.at(-1) || s.vault !== c.vault) throw new TypeError("a statement of another account or vault");
  if (s.seq !== head.seq + 1 || s.prev !== head.sha256) throw new TypeError("one is missing, altered, repeated or out of order");
  const next = successor(s, c.account);
  if (next === s.issuer) return c.keys;
  if (c.keys.includes(next)) throw new TypeError("a key was used before");
  return [...c.keys, next];
}

/** verify checks the chain that key goes on with. erased are erase statements of hers that a restore of the vault has deprived
 *  of their place; each explains the holes of its testimony. */
export function verify(key: string, vault: string, entries: readonly Entry[], erased: readonly string[]): Chain {
  const first = entries[0]?.statement;
  const [statements, hashes]: [Statement[], string[]] = [[], []];
  const start = newChain(first === undefined ? key : reading(first).issuer, vault);
  const walk: Walk = { chain: { ...start, statements, hashes }, statements, hashes, about: new Map(), holes: new Set() };
  for (const e of entries) take(walk, e);
  for (const text of erased) displaced(walk, reading(text), key);
  if (walk.holes.size > 0) throw broken("a statement is withheld although its testimony was not erased");
  const { chain } = walk;
  if (chain.keys.at(-1) === key) return chain;
  const givenUp = chain.keys.includes(key);
  throw new Failure("chain", "it does not go on with this key", { also: givenUp ? "given-up" : "other-words" });
}

interface Walk {
  chain: Chain; // whose lists are the two below, which grow
  statements: Statement[];
  hashes: string[];
  about: Map<string, string[]>; // hashes by testimony
  holes: Set<string>; // testimonies with holes that nothing has explained yet
}

function take(w: Walk, e: Entry): void {
  if (e.seq !== w.hashes.length + 1) throw broken("one is missing or out of order");
  if (e.statement === undefined) {
    if (e.testimony === undefined || e.testimony === "") throw broken("a statement is withheld");
    w.holes.add(e.testimony);
    mention(w, e.testimony, e.sha256);
    w.hashes.push(e.sha256);
    return;
  }
  const s = reading(e.statement);
  if (s.hash !== e.sha256) throw broken("a statement is not the one that is named");
  try {
    w.chain = { ...w.chain, keys: admit(w.chain, s) };
  } catch (cause) {
    throw broken(cause instanceof Error ? cause.message : "", cause);
  }
  explain(w, s);
  w.statements.push(s);
  w.hashes.push(s.hash);
}

/** explain lets an erase statement account for the holes of its testimony: its signed hash covers every statement that named
 *  the testimony, so neither more nor others can be missing. */
function explain(w: Walk, s: Statement): void {
  const testimony = subjectOf(s.body);
  if (testimony === "") return;
  if (s.act === "erase") {
    if (erasedHash(w.about.get(testimony) ?? []) !== s.body.statements_sha256) throw broken("more is missing than was erased");
    w.holes.delete(testimony);
  }
  mention(w, testimony, s.hash);
}

/** displaced is no weaker than what a server could always do to a client that kept no head: cut the chain off before the
 *  erase statement. Nobody can hide what she did not erase. */
function displaced(w: Walk, s: Statement, key: string): void {
  const hers = s.issuer === key || w.chain.keys.includes(s.issuer);
  if (s.act !== "erase" || !hers || s.vault !== w.chain.vault) throw broken("an erase statement that is not hers");
  w.holes.delete(s.body.testimony);
}

function mention(w: Walk, testimony: string, hash: string): void {
  const hashes = w.about.get(testimony) ?? [];
  hashes.push(hash);
  w.about.set(testimony, hashes);
}

function reading(text: string): Statement {
  try {
    return read(text);
  } catch (cause) {
    throw broken("a statement does not verify", cause);
  }
}

function broken(what: string, cause?: unknown): Failure {
  return new Failure("chain", what, { cause });
}

/** holds checks the chain against a head that was kept from earlier. */
export function holds(c: Chain, kept: Head): void {
  if (kept.seq === 0) return;
  if (kept.seq > c.hashes.length) throw new Failure("tail-cut");
  if (c.hashes[kept.seq - 1] !== kept.sha256) throw new Failure("forked");
}

/** about lists the hashes of the statements that name a testimony and are still to be read. */
export function about(c: Chain, testimony: string): string[] {
  return c.statements.filter((s) => subjectOf(s.body) === testimony).map((s) => s.hash);
}

/** erasedHash is the SHA-256 over statement hashes in chain order. */
export function erasedHash(hashes: readonly string[]): string {
  return base64url(sha256(concat(...hashes.map(fromBase64url))));
}
