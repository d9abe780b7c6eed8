// The vault's stewards, from the vault id on (docs/protocol.md section 7; in Go internal/roster). The id is the hash of the
// founding document; every later one names the one before and counts when as many stewards of that one as its threshold have
// signed for it. So a server that swaps the stewards becomes another vault. That the newest change is withheld is more than
// one look can show.
import { json } from "./call.ts";
import { decode, encode, plain } from "./canonical.ts";
import type { Client } from "./client.ts";
import { Failure, held } from "./failure.ts";
import { bytesOf, hash, hashOf, isHash, thumbprintOf } from "./names.ts";
import { boolean, filled, list, maybe, object, string, that, whole, word, type Of } from "./shape.ts";
import { read, type Statement } from "./statement.ts";

const type = "testimony-vault/roster/v1";
const maxDocument = 32 << 10;
const maxChain = 1024;

const steward = object({ name: that(string, "a name does not fit", isName), key: hash });

/** What the stewards say of the vault's end, or of where it goes on; the days are whole days of UTC. */
const farewell = that(
  object({
    kind: word("closing", "moving"),
    stops: that(string, "stops is not a date", isDay),
    last: that(string, "last is not a date", isDay),
    origin: filled(that(string, "the new address is misspelt", isOrigin)),
    vault: filled(hash),
  }),
  "a farewell does not hold together",
  (f) => f.last >= f.stops && (f.kind === "moving") === (f.origin !== undefined) && (f.vault === undefined || f.kind === "moving"),
);
export type Farewell = Of<typeof farewell>;

/** What a document must hold. */
export const rosterShape = that(
  object({
    typ: word(type),
    seq: that(whole, "seq counts from 0", (n) => n >= 0),
    prev: that(string, "prev is misspelt", (p) => p === "" || isHash(p)),
    nonce: that(string, "a nonce has 16 bytes", (n) => /^[A-Za-z0-9_-]{21}[AQgw]$/.test(n)),
    day: that(string, "day is not a date", isDay),
    practice: boolean,
    threshold: whole,
    stewards: that(list(steward), "1 to 32 stewards by ascending key", (s) =>
      s.length >= 1 && s.length <= 32 && s.every((e, i) => i === 0 || (s[i - 1]?.key ?? "") < e.key)),
    farewell: maybe(farewell),
  }),
  "the founding document, and only it, has no prev and no farewell; the threshold is at most the number of stewards",
  (d) => (d.seq === 0) === (d.prev === "") && (d.seq > 0 || d.farewell === undefined) && d.threshold >= 1 && d.threshold <= d.stewards.length,
);
export type RosterDocument = Of<typeof rosterShape>;

/** isName refuses what would let one name look like another or like nothing. The joiners that Sorani needs stay. */
function isName(name: string): boolean {
  const length = [...name].length;
  const odd = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]|^[\p{White_Space}]|[\p{White_Space}]$/u;
  return length >= 1 && length <= 80 && plain(name) && !odd.test(name);
}

function isDay(day: string): boolean {
  const moment = new Date(`${day}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day);
}

/** isOrigin accepts an address as browsers spell it, on which nobody can read along. The pattern is that of internal/roster. */
function isOrigin(text: string): boolean {
  const usual = /^https:.*:443$|^http:.*:80$/.test(text);
  return text.length <= 256 && !usual &&
    /^(https:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http:\/\/([a-z0-9.-]+\.onion|localhost|127\.0\.0\.1))(:[1-9][0-9]{0,4})?$/.test(text);
}

/** early tells whether a document brings a farewell that leaves people less than 30 days. */
function early(before: RosterDocument, next: RosterDocument): boolean {
  const f = next.farewell;
  if (f === undefined || (before.farewell !== undefined && encode(f) === encode(before.farewell))) return false;
  return Date.parse(`${f.last}T00:00:00Z`) - Date.parse(`${next.day}T00:00:00Z`) < 30 * 86_400_000;
}

/** readDocument reads a document in its one spelling; whether it belongs to a vault is for follow to say. */
export function readDocument(bytes: Uint8Array): RosterDocument {
  if (bytes.length > maxDocument) throw new TypeError("it is too long");
  return decode(bytes, rosterShape);
}

/** A roster that follows from the vault id. */
export interface Verified {
  readonly document: RosterDocument;
  readonly head: string; // SHA-256 of its bytes
  readonly names: ReadonlyMap<string, string>; // name by account
}

function verified(bytes: Uint8Array): Verified {
  const read = readDocument(bytes);
  return { document: read, head: hashOf(bytes), names: new Map(read.stewards.map((s) => [thumbprintOf(s.key), s.name])) };
}

/** found accepts the founding document. Hash before reading: of another vault nothing else is worth saying. */
export function found(vault: string, bytes: Uint8Array): Verified {
  if (hashOf(bytes) !== vault) throw new Failure("wrong-vault");
  const first = verified(bytes);
  if (first.document.seq !== 0) throw new TypeError("it does not begin with a founding document");
  return first;
}

/** follow accepts the next document, if it follows and enough stewards of the roster before have approved it. */
export function follow(before: Verified, bytes: Uint8Array, approvers: readonly string[]): Verified {
  const next = verified(bytes);
  const { document: d } = next;
  if (d.seq !== before.document.seq + 1 || d.prev !== before.head) throw new TypeError("a document does not follow the one before");
  if (d.practice !== before.document.practice) throw new TypeError("a practice vault does not become a real one");
  if (early(before.document, d)) throw new TypeError("a farewell leaves people less than 30 days");
  if (!approved(before, approvers)) throw new TypeError("too few stewards have approved a change");
  return next;
}

/** voices are the stewards among the accounts, each once. */
export function voices(of: Verified, accounts: readonly string[]): string[] {
  return [...new Set(accounts)].filter((a) => of.names.has(a));
}

export function approved(of: Verified, accounts: readonly string[]): boolean {
  return voices(of, accounts).length >= of.document.threshold;
}

/** Those of today, and everybody who ever was one. */
export interface Stewards {
  readonly now: Verified;
  readonly ever: ReadonlySet<string>;
}

const answer = object({ links: list(object({ document: bytesOf, approvals: list(string) })) });

/** stewards fetches the chain of rosters and verifies it from the vault id on. */
export async function stewards(c: Client): Promise<Stewards> {
  const { links } = await json(c, { method: "GET", path: "/v1/roster", repeat: true }, answer);
  if (links.length > maxChain) throw new Failure("roster-broken", "it has too many documents");
  const ever = new Set<string>();
  let now: Verified | undefined;
  for (const link of links) {
    const before = now;
    now = held("roster-broken", () =>
      before === undefined ? found(c.vault, link.document) : follow(before, link.document, approvers(c, link.document, link.approvals)));
    for (const account of now.names.keys()) ever.add(account);
  }
  if (now === undefined) throw new Failure("roster-broken", "it is empty");
  return { now, ever };
}

/** approvers are the accounts with a good statement over exactly this document of this vault. */
function approvers(c: Client, bytes: Uint8Array, approvals: readonly string[]): string[] {
  const want = hashOf(bytes);
  const { seq } = readDocument(bytes);
  return approvals.flatMap((text) => {
    const s = foreign(c, text);
    return s?.act === "roster" && s.body.document_sha256 === want && s.body.roster_seq === seq ? [s.issuer] : [];
  });
}

/** foreign reads a statement of anybody's in this vault; undefined is what does not verify. */
export function foreign(c: Client, compact: string | undefined): Statement | undefined {
  if (compact === undefined) return undefined;
  try {
    const s = read(compact);
    return s.vault === c.vault ? s : undefined;
  } catch {
    return undefined;
  }
}
