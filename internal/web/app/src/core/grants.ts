// Who may open what, on which terms: giving, renewing, narrowing, taking back (in Go api/client/grant.go, grants.go, renew.go,
// revoke.go, request.go). Before anything is wrapped to a reader's key the reader is verified, the header that the vault gives
// back is the one she signed for, and its key the one committed to. What agree was shown is what is signed.
import { base64url, type Bytes } from "./bytes.ts";
import type { Bodies, GrantedPart } from "./bodies.ts";
import type { GrantEntry, TestimonyEntry } from "./book.ts";
import { post } from "./call.ts";
import { toldOf } from "./came.ts";
import { keysOf, type Client } from "./client.ts";
import { closureMembers, closureOf, type Closure } from "./closures.ts";
import { endsAt, proves } from "./endings.ts";
import { Failure, is } from "./failure.ts";
import { history, type History } from "./history.ts";
import { grantOf, partOf, surely, testimonyOf } from "./known.ts";
import { hashOf } from "./names.ts";
import { hearings, type Hearing } from "./hearings.ts";
import { ownHeader, pathOf } from "./address.ts";
import { sealLabels, type Label, type Seal } from "./labels.ts";
import { pages } from "./pages.ts";
import { underPolicy } from "./policies.ts";
import { researcher, type Researcher } from "./readers.ts";
import { readRevocation } from "./revocation.ts";
import { foreign } from "./roster.ts";
import { accepted, acceptedMembers, sayOne, sayWith } from "./say.ts";
import { time } from "./session.ts";
import { boolean, list, maybe, object, string, whole, word, type Of } from "./shape.ts";
import { saying } from "./statement.ts";
import { complete, dayOf, defaultTerm, sameTerms, termsOf, within, type Purpose, type Terms } from "./terms.ts";
import { vaultInfo } from "./vault.ts";

export type { Closure } from "./closures.ts";

export const grantStates = ["revoked", "ended", "suspended", "held", "paused", "waiting", "withheld", "used-up", "live"] as const;
export type GrantState = (typeof grantStates)[number];

const consents = [
  "ConsentWithdrawn", "ConsentRefused", "ConsentRequestDeferred", "ConsentRequested", "ConsentExpired", "ConsentRevoked",
  "RenewedConsentGiven", "ConsentGiven",
] as const;
export type Consent = (typeof consents)[number];

/** One opening, with what left in its session, at most. */
export const deliveredShape = object({ n: whole, opened: whole, bytes: whole, complete: boolean, export: maybe(boolean) });
export type Delivered = Of<typeof deliveredShape>;

export interface Offer {
  testimony: string;
  parts: number[];
  to: string; // the reader's account
  terms: Partial<Terms>; // what is left out is filled to the protective side
  /** The reader also sees which partner brought what was brought, and on which day. How it came the reader is told in any case. */
  namePartner?: boolean;
  /** What it holds, told to the reader alone before anything is opened. Left out, the grant says nothing and can be seen to. */
  labels?: { chosen: readonly Label[]; seal: Seal };
  sealed?: { labels: string; recipient_sha256: string }; // of the grant that this one makes anew: they go on for the same key
  policy?: string; // made by setPolicy for this reader
  /** Shown the verified reader and the terms with nothing left open. Throwing stops the grant. */
  agree?: (reader: Researcher, terms: Terms) => void | Promise<void>;
}

export interface Granted {
  grant: string;
  reader: Researcher;
  terms: Terms;
}

/** What the reader asks of her, by the reader's signed word. */
export interface Asked {
  purposes: Purpose[];
  until: number;
  day: number;
}

export interface GrantDetail {
  grant: string;
  testimony: string;
  grantee: string;
  day: number; // when she gave it
  parts: number[];
  terms: Terms; // in force
  policy: string; // "" for none
  revoked: boolean;
  state: GrantState; // the vault's word
  consent: Consent;
  asked?: Asked;
  answered?: { answer: "refused" | "deferred"; until: number };
  heard?: Hearing; // the reader's signed word that she was heard
  openings: Delivered[]; // oldest first
  closures: Closure[];
}

/** give lets an accredited reader open parts of a testimony. The payload stays where it is. */
export async function give(c: Client, offer: Offer): Promise<Granted> {
  const reader = await researcher(c, offer.to);
  if (reader.silent) throw new Failure("reader-silent");
  const terms = complete(offer.terms, time(c));
  const parts = [...new Set(offer.parts)].sort((a, b) => a - b);
  if (parts.length === 0) throw new Failure("refused", "name at least one part");
  await offer.agree?.(reader, terms);
  const policy = offer.policy ?? "";
  const recipient = await underPolicy(c, offer.testimony, policy, offer.to, reader.recipient);
  if (!recipient.startsWith("age1pq1")) throw new Failure("classic");
  const labels = await labelsFor(offer, reader.recipient);
  let headers: Bytes[] = [];
  const said = await sayWith(c, async (h) => {
    const wrapped = await wrap(c, h, { ...offer, parts }, recipient);
    headers = wrapped.map((w) => w.header);
    return saying("grant", { testimony: offer.testimony, parts: wrapped.map((w) => w.part), grantee: reader.account,
      recipient_sha256: hashOf(recipient), accreditation: reader.accreditation, ...terms, conditions: { policy },
      ...(labels === "" ? {} : { labels }) });
  }, (statement) => post(c, `${pathOf(offer.testimony)}/grants`, { statement, headers: headers.map(base64url) }, accepted));
  return { grant: said.id, reader, terms };
}

async function labelsFor({ labels, sealed }: Offer, recipient: string): Promise<string> {
  if (sealed?.recipient_sha256 === hashOf(recipient)) return sealed.labels;
  return labels === undefined ? "" : sealLabels(labels.seal, recipient, labels.chosen);
}

/** wrap makes the reader's header for each part from her own, which must be the one she signed for. */
async function wrap(c: Client, h: History, { testimony, parts, namePartner }: Offer, to: string): Promise<{ header: Bytes; part: GrantedPart }[]> {
  const told = await toldOf(c, h, testimony, parts, namePartner === true);
  const out: { header: Bytes; part: GrantedPart }[] = [];
  for (const n of parts) {
    const own = partOf(h, testimony, n);
    const header = await keysOf(c).rewrap(await ownHeader(c, testimony, n), own, to);
    const brought = told.get(n);
    out.push({ header, part: { n, payload_sha256: own.payload_sha256, commit: own.commit, header_sha256: hashOf(header), ...(brought && { brought }) } });
  }
  return out;
}

const claimedGrant = object({
  grant: string, state: word(...grantStates), consent: word(...consents), terms: maybe(string), ask: maybe(string), heard: maybe(string),
  openings: list(deliveredShape), closures: list(object(closureMembers)),
});
type ClaimedGrant = Of<typeof claimedGrant>;
const grantsPage = object({ grants: list(claimedGrant) });

/** listGrants gives the grants on a testimony, oldest first. Codes: planted (she never signed it), withheld (it is left out),
 *  revoked (the vault calls live what she revoked), terms-old, request-forged, reply-forged. */
export function listGrants(c: Client, testimony: string): Promise<GrantDetail[]> {
  return surely(c, async (h) => {
    const hers = testimonyOf(h, testimony);
    const all = await pages(c, `${pathOf(testimony)}/grants`, grantsPage, (p) => p.grants);
    const listed = new Set<string>();
    const out = all.map((g) => {
      const own = hers.grants.get(g.grant);
      if (own === undefined || listed.has(g.grant)) throw new Failure("planted");
      if (own.revoked && g.state !== "revoked") throw new Failure("revoked");
      listed.add(g.grant);
      return detail(c, testimony, g, own);
    });
    if (listed.size !== hers.grants.size) throw new Failure("withheld");
    return out;
  });
}

function detail(c: Client, testimony: string, g: ClaimedGrant, own: GrantEntry): GrantDetail {
  checkInForce(c, g, own);
  const { grantee } = own.grant;
  const asked = askedOf(c, g, own);
  const { answered } = own;
  const heard = heardOf(c, g, grantee);
  return {
    grant: g.grant, testimony, grantee, day: own.issuedAt, parts: [...own.parts.keys()].sort((a, b) => a - b), terms: own.terms,
    policy: own.grant.conditions.policy, revoked: own.revoked, state: g.state, consent: g.consent, openings: g.openings,
    closures: g.closures.map((a) => closureOf(c, a, g.grant, grantee)),
    ...(asked === undefined ? {} : { asked }),
    ...(heard === undefined ? {} : { heard }),
    ...(answered === undefined ? {} : { answered: { answer: answered.answer, until: answered.until } }),
  };
}

/** checkInForce holds what the vault takes for the terms in force against hers. */
function checkInForce(c: Client, g: ClaimedGrant, own: GrantEntry): void {
  let terms: Terms = own.grant;
  if (g.terms !== undefined) {
    const s = foreign(c, g.terms);
    if (s?.act !== "renew" && s?.act !== "narrow") throw new Failure("terms-old");
    terms = s.body;
  }
  if (!sameTerms(terms, own.terms)) throw new Failure("terms-old");
}

/** heardOf verifies the reader's word that she was heard: the vault alone cannot make one up. */
function heardOf(c: Client, g: ClaimedGrant, reader: string): Hearing | undefined {
  if (g.heard === undefined) return undefined;
  const s = foreign(c, g.heard);
  const word = s?.act === "reply" && s.issuer === reader && s.body.grant === g.grant ? hearings.find((one) => one === s.body.reply) : undefined;
  if (word === undefined) throw new Failure("reply-forged");
  return word;
}

/** askedOf verifies the reader's request. What she has answered already by her own word is not asked again. */
function askedOf(c: Client, g: ClaimedGrant, own: GrantEntry): Asked | undefined {
  if (g.ask === undefined) return undefined;
  const s = foreign(c, g.ask);
  if (s?.act !== "ask" || s.body.grant !== g.grant || s.issuer !== own.grant.grantee) throw new Failure("request-forged");
  const a = own.answered;
  if (a !== undefined && (a.answer === "refused" || time(c) < a.until)) return undefined;
  return { purposes: s.body.purposes, until: s.body.until, day: s.issuedAt };
}

type Agree = (reader: Researcher, before: Terms, after: Terms) => void | Promise<void>;

/** renew gives new terms; change makes them of those in force, whose until comes as 0 (left so: twelve months, or what it was
 *  where that is later). The reader is verified anew. A grant that is over is made anew: the answer names what counts. */
export async function renew(
  c: Client, testimony: string, grant: string, change: (inForce: Terms) => Partial<Terms> = (t) => t, agree?: Agree,
): Promise<Granted> {
  const own = await surely(c, (h) => Promise.resolve(grantOf(h, testimony, grant)));
  await vaultInfo(c); // its clock decides whether the term is over
  const next = renewed(own.terms, change, time(c));
  if (own.terms.until <= time(c)) return giveAgain(c, testimony, own, next, agree);
  const reader = await researcher(c, own.grant.grantee);
  if (reader.silent) throw new Failure("reader-silent");
  const hers = testimonyOf(await history(c), testimony);
  if (sealedFor(hers, own, reader) !== own.grant.recipient_sha256) throw new Failure("refused", "the reader has another key: revoke, and grant anew");
  await agree?.(reader, own.terms, next);
  await sayOne(c, `${pathOf(testimony)}/renewals`, (h) => {
    grantOf(h, testimony, grant);
    return saying("renew", { testimony, grant, accreditation: reader.accreditation, ...next });
  });
  return { grant, reader, terms: next };
}

/** renewed terms never reach back: what was open yesterday is not opened anew. */
function renewed(inForce: Terms, change: (t: Terms) => Partial<Terms>, now: number): Terms {
  const from = Math.max(inForce.from, dayOf(now));
  const next = change({ ...termsOf(inForce), from, until: 0 });
  const until = (next.until ?? 0) > 0 ? next.until : Math.max(inForce.until, (next.from ?? from) + defaultTerm);
  return complete({ ...next, ...(until === undefined ? {} : { until }) }, now);
}

/** sealedFor is the hash of the recipient that her headers for this reader are sealed to. */
function sealedFor(hers: TestimonyEntry, own: GrantEntry, reader: Researcher): string {
  const policy = hers.policies.get(own.grant.conditions.policy);
  return policy !== undefined && policy.threshold > 0 ? policy.recipient_sha256 : hashOf(reader.recipient);
}

async function giveAgain(c: Client, testimony: string, own: GrantEntry, next: Terms, agree?: Agree): Promise<Granted> {
  if (own.grant.conditions.policy !== "") throw new Failure("refused", "it waited for trustees or silence: grant the parts anew");
  const offer: Offer = { testimony, parts: [...own.parts.keys()], to: own.grant.grantee, terms: next };
  const { labels, recipient_sha256 } = own.grant;
  if (labels !== undefined) offer.sealed = { labels, recipient_sha256 };
  if (agree !== undefined) offer.agree = (reader, after) => agree(reader, own.terms, after);
  return give(c, offer);
}

/** narrow takes back part of what a grant allows; code wider. When it returns the vault serves nothing else any more. */
export async function narrow(c: Client, testimony: string, grant: string, change: (inForce: Terms) => Terms): Promise<Terms> {
  let next: Terms | undefined;
  await sayOne(c, `${pathOf(testimony)}/narrowings`, (h) => {
    const { terms } = grantOf(h, testimony, grant);
    next = complete(change(termsOf(terms)), time(c));
    if (!within(next, terms)) throw new Failure("wider");
    return saying("narrow", { testimony, grant, ...next });
  });
  if (next === undefined) throw new Failure("receipt");
  return next;
}

const revoked = object({ ...acceptedMembers, fetched: list(deliveredShape), revocation: string });

/** revoke ends a grant. When it returns nothing more is served under it, and the vault has signed so; the answer is what had
 *  left before, which cannot be called back. Revoking a second time says what the first did. */
export async function revoke(c: Client, testimony: string, grant: string): Promise<Delivered[]> {
  let answer: Of<typeof revoked> | undefined;
  try {
    const said = await sayWith(c, (h) => {
      grantOf(h, testimony, grant);
      return saying("revoke", { testimony, grant });
    }, async (statement) => (answer = await post(c, `${pathOf(testimony)}/revocations`, { statement }, revoked)));
    if (answer === undefined) throw new Failure("revocation");
    const { fetched, revocation } = answer;
    const receipt = readRevocation(revocation, (await vaultInfo(c)).receipt_keys);
    proves(endsAt(await history(c), said.seq)?.get(grant), receipt);
    if (JSON.stringify(receipt.fetched) !== JSON.stringify(fetched)) throw new Failure("revocation", "something else had been fetched");
    return fetched;
  } catch (error) {
    if (!is(error, "revoked-before")) throw error;
    return (await listGrants(c, testimony)).find((g) => g.grant === grant)?.openings ?? [];
  }
}

/** refuseRequest and notNow answer what a reader asks; the grant stays as it is. until: Unix seconds. */
export function refuseRequest(c: Client, testimony: string, grant: string): Promise<void> {
  return answer(c, { testimony, grant, answer: "refused", until: 0 });
}

export function notNow(c: Client, testimony: string, grant: string, until: number): Promise<void> {
  return answer(c, { testimony, grant, answer: "deferred", until: dayOf(until) });
}

async function answer(c: Client, body: Bodies["answer"]): Promise<void> {
  await sayOne(c, `${pathOf(body.testimony)}/answers`, (h) => {
    grantOf(h, body.testimony, body.grant);
    if (body.answer === "deferred" && body.until <= time(c)) throw new Failure("refused", "name a day that is still to come");
    return saying("answer", body);
  });
}
