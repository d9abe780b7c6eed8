// The reader's side (in Go api/client/inbox.go, inforce.go, open.go, request.go): what was granted to this account, opened with its
// promises. Every grant is verified: signed by the account it names, for this vault, this reader and this reader's key. What
// cannot be seen from here is that a newer statement of hers is withheld: what the vault serves follows it all the same.
import type { GrantedPart } from "./bodies.ts";
import { get } from "./call.ts";
import { cameOf, deliveredShape, type Came } from "./came.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held } from "./failure.ts";
import { grantStates, type GrantState } from "./grants.ts";
import { author, lineageOf, sameAuthor, type Lineage } from "./lineage.ts";
import { hashOf } from "./names.ts";
import { pages } from "./pages.ts";
import { openStanding, type Opened, type Wanted } from "./reading.ts";
import { foreign } from "./roster.ts";
import { sayOne } from "./say.ts";
import type { Binding } from "./sealer.ts";
import { time } from "./session.ts";
import { list, maybe, object, string, whole, word, type Of } from "./shape.ts";
import { saying, type Statement, type StatementOf } from "./statement.ts";
import { sharedKey } from "./sharing.ts";
import { dayOf, defaultTerm, termsOf, type Purpose, type Terms } from "./terms.ts";
import type { OpenOptions } from "./testimonies.ts";

/** A grant in the inbox, by its giver's signed word. */
export interface Received {
  grant: string;
  from: string; // who granted it
  testimony: string;
  terms: Terms; // in force, of the newest statement that the vault shows
  parts: { n: number; length: number }[]; // length of the payload
  labels: string; // what she says of the content, sealed to the reader (openLabels); "" from programs that knew none
  came: Came[]; // of parts that a partner brought
  state: GrantState; // the vault's word
  statement: string; // the grant statement, to be kept
  changed: string; // the statement that the terms are from, "" if they are the grant's
  relocks: string[]; // statements that carried a part over, to be kept
  rekeys: string[]; // statements by which the giver changed their key, to be kept
  answer?: { answer: "refused" | "deferred"; until: number }; // hers to this reader's request
  policy: string; // what it waits for, "" for nothing
  shared: boolean; // sealed to a key that trustees share
}
export type Receiving = Received | { grant: string; doubt: Failure };

/** A part that was opened, and the promises that come with it: keep them beside whatever is kept. */
export interface OpenedGrant extends Opened {
  received: Received;
}

const claimedGrant = object({
  grant: string, statement: string, terms: maybe(string), answer: maybe(string), state: word(...grantStates),
  parts: list(object({ n: whole, length: whole, relock: maybe(string), delivered: deliveredShape })), rekeys: list(string),
});
const page = object({ grants: list(claimedGrant) });

/** A verified grant with what it takes to open it. */
export interface VerifiedGrant {
  received: Received;
  statement: StatementOf<"grant">;
  lineage: Lineage;
  bindings: Map<number, Binding>;
}

/** inbox lists what was granted. One that does not verify carries a doubt: nothing of it can be opened. */
export async function inbox(c: Client): Promise<Receiving[]> {
  keysOf(c);
  const all = await pages(c, "/v1/inbox", page, (p) => p.grants);
  return all.map((g) => {
    try {
      return verifyGrant(c, g).received;
    } catch (doubt) {
      if (doubt instanceof Failure) return { grant: g.grant, doubt };
      throw doubt;
    }
  });
}

/** granted looks one grant up. It opens nothing. */
export async function granted(c: Client, grant: string): Promise<Received> {
  return (await grantIn(c, grant)).received;
}

/** grantIn fetches and verifies one grant. */
export async function grantIn(c: Client, grant: string): Promise<VerifiedGrant> {
  keysOf(c);
  const found = verifyGrant(c, await get(c, `/v1/inbox/${grant}`, claimedGrant));
  if (found.received.grant !== grant) throw new Failure("grant-forged", "the vault answered with another grant");
  return found;
}

function verifyGrant(c: Client, g: Of<typeof claimedGrant>): VerifiedGrant {
  const s = foreign(c, g.statement);
  if (s?.act !== "grant" || s.id !== g.grant) throw new Failure("grant-forged", "its statement is of something else");
  const { thumbprint, recipient } = keysOf(c);
  const policy = s.body.conditions.policy;
  // Under a policy the key may be one that trustees share; it is held against the policy when it is made.
  const mine = s.body.recipient_sha256 === hashOf(recipient);
  if (s.body.grantee !== thumbprint || (!mine && policy === "")) throw new Failure("grant-forged", "it names another reader or key");
  const lineage = held("grant-forged", () => lineageOf(c.vault, g.rekeys));
  const from = held("grant-forged", () => author(lineage, s));
  const terms = inForce(c, s, lineage, g.terms);
  const bindings = bindingsOf(c, s, lineage, g.parts);
  const answer = answerOf(c, s, lineage, g.answer);
  const came = g.parts.flatMap((p) => cameOf(c, s.body, p.n, p.delivered) ?? []);
  const received: Received = {
    labels: s.body.labels ?? "", came,
    grant: s.id, from, testimony: s.body.testimony, terms, state: g.state, statement: g.statement, changed: g.terms ?? "", policy, shared: !mine,
    parts: [...bindings].map(([n, b]) => ({ n, length: b.length })), relocks: g.parts.flatMap((p) => p.relock ?? []), rekeys: g.rekeys,
    ...(answer === undefined ? {} : { answer: { answer: answer.answer, until: answer.until } }),
  };
  return { received, statement: s, lineage, bindings };
}

/** inForce gives the terms that count, and takes none that are older than what was seen while this client lives. */
function inForce(c: Client, grant: StatementOf<"grant">, lineage: Lineage, text: string | undefined): Terms {
  let [terms, seq] = [termsOf(grant.body), grant.seq];
  if (text !== undefined) {
    const s = foreign(c, text);
    const about = s?.act === "renew" || s?.act === "narrow" ? s : undefined;
    const fits = about?.body.grant === grant.id && about.body.testimony === grant.body.testimony;
    if (about === undefined || !fits || !behind(lineage, grant, about)) throw new Failure("grant-forged", "its terms are of something else");
    [terms, seq] = [termsOf(about.body), about.seq];
  }
  if (seq < (c.newest.get(grant.id) ?? 0)) throw new Failure("terms-old");
  c.newest.set(grant.id, seq);
  return terms;
}

/** behind says that s is the giver's, behind the grant in her chain. */
function behind(lineage: Lineage, grant: Statement, s: Statement): boolean {
  return sameAuthor(lineage, grant, s) && s.seq > grant.seq;
}

/** bindingsOf adds what the grant statement does not say of its parts: the length, which is the vault's word and checked by the
 *  digest, and the binding after a re-lock, which must be the giver's own. A part that is not listed was taken back. */
function bindingsOf(c: Client, grant: StatementOf<"grant">, lineage: Lineage, parts: Of<typeof claimedGrant>["parts"]): Map<number, Binding> {
  const out = new Map<number, Binding>();
  for (const p of parts) {
    const given = grant.body.parts.find((one) => one.n === p.n);
    if (given === undefined || out.has(p.n)) throw new Failure("grant-forged", "a part is not in its statement");
    out.set(p.n, p.relock === undefined ? bindingOf(given, p.length) : relocked(c, grant, lineage, p.n, p.relock));
  }
  return out;
}

function bindingOf(given: GrantedPart, length: number): Binding {
  return { length, payload_sha256: given.payload_sha256, commit: given.commit, header_sha256: given.header_sha256 };
}

function relocked(c: Client, grant: StatementOf<"grant">, lineage: Lineage, n: number, text: string): Binding {
  const s = foreign(c, text);
  const fits = s?.act === "relock" && behind(lineage, grant, s) && s.body.testimony === grant.body.testimony && s.body.n === n;
  const carried = fits ? s.body.grants.find((g) => g.grant === grant.id) : undefined;
  if (!fits || carried === undefined) throw new Failure("grant-forged", "it was not carried over when it was locked anew");
  const { length, payload_sha256, commit } = s.body;
  return { length, payload_sha256, commit, header_sha256: carried.header_sha256 };
}

function answerOf(c: Client, grant: Statement, lineage: Lineage, text: string | undefined): StatementOf<"answer">["body"] | undefined {
  if (text === undefined) return undefined;
  const s = foreign(c, text);
  if (s?.act !== "answer" || !behind(lineage, grant, s) || s.body.grant !== grant.id) throw new Failure("grant-forged", "the answer is about something else");
  return s.body;
}

/** openGranted is an opening: she sees it. The content counts only when this returns. Codes: not-found, taken-back,
 *  not-released, false-shares, grant-forged, part-swapped, commitment, payload-swapped, changed. */
export function openGranted(c: Client, grant: string, n: number, options: OpenOptions = {}): Promise<OpenedGrant> {
  return openWhere(c, grant, n, () => undefined, options);
}

/** keepGranted is openGranted for a copy. Terms that allow none are looked at before the opening. */
export function keepGranted(c: Client, grant: string, n: number, options: OpenOptions = {}): Promise<OpenedGrant> {
  return openWhere(c, grant, n, ({ terms }) => {
    if (terms.access !== "download") throw new Failure("view-only");
  }, options);
}

async function openWhere(c: Client, grant: string, n: number, allowed: (r: Received) => void, options: OpenOptions): Promise<OpenedGrant> {
  let received: Received | undefined;
  const opened = await openStanding(c, async () => {
    const found = await grantIn(c, grant);
    received = found.received;
    allowed(received);
    return wanted(c, found, n);
  }, options);
  if (received === undefined) throw new Failure("not-found");
  return { ...opened, received };
}

/** wanted is what was signed for a part and where it is, with the key that opens it where that is not the reader's own. */
export async function wanted(c: Client, found: VerifiedGrant, n: number): Promise<Wanted> {
  const { grant, shared } = found.received;
  const want = found.bindings.get(n);
  if (want === undefined) throw new Failure("not-found");
  const from = { path: `/v1/inbox/${grant}/parts/${n}/content`, of: grant, n, grant: true };
  return { from, want, ...(shared ? { shared: await sharedKey(c, found) } : {}) };
}

/** askToRenew: purposes left empty are those in force, until left 0 is twelve months from today. When she is shown it, if at all,
 *  is hers to decide, and the vault says nothing of that. */
export async function askToRenew(c: Client, grant: string, purposes: Purpose[] = [], until = 0): Promise<void> {
  const meant = purposes.length > 0 ? purposes : (await granted(c, grant)).terms.purposes;
  const sorted = [...new Set(meant)].sort();
  await sayOne(c, `/v1/inbox/${grant}/asks`, () =>
    saying("ask", { grant, purposes: sorted, until: until === 0 ? dayOf(time(c)) + defaultTerm : until }));
}

export { applied, apply, type Applied } from "./application.ts";
export { endings, reply, type Ending } from "./replies.ts";
