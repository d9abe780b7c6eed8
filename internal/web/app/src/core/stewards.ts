// What stewards do: they vouch for people and never see content (in Go api/client/steward.go, vouch.go, rosterchange.go).
// Everything is verified before it is shown or signed.
import { identity, recordShape, voiced, type Claims, type Researcher } from "./accreditation.ts";
import { post } from "./call.ts";
import { bodyHash, type Bodies } from "./bodies.ts";
import { keysOf, type Client } from "./client.ts";
import { base64url } from "./bytes.ts";
import { Failure, held } from "./failure.ts";
import { thumbprintOf } from "./names.ts";
import { pages } from "./pages.ts";
import { recordOf, researchers } from "./readers.ts";
import { documentOf, handOn, writeDocument } from "./handon.ts";
import { foreign, readDocument, stewards, voices, type RosterDocument, type Stewards } from "./roster.ts";
import { acceptedMembers, sayWith } from "./say.ts";
import { time } from "./session.ts";
import { boolean, list, object, string, whole } from "./shape.ts";
import { saying } from "./statement.ts";
import { day, dayOf } from "./terms.ts";
import { hashOf } from "./names.ts";

export interface Steward {
  name: string;
  key: string; // b64 Ed25519
  account: string;
}

/** A verified roster, or one that was proposed. */
export interface Roster {
  seq: number;
  day: string;
  practice: boolean;
  threshold: number;
  stewards: Steward[];
  head: string; // SHA-256 of the document
}

export interface Applicant {
  account: string;
  name: string;
  institution: string;
  purpose: string;
  voices: number; // stewards of today who have vouched so far
  threshold: number;
  mine: boolean; // this steward has
}

/** What a steward is about to sign of a researcher. */
export interface Vouching {
  account: string;
  name: string;
  institution: string;
  purpose: string;
  from: number;
  until: number; // excluded
}

export interface Approval {
  accreditation: string;
  approvals: number;
  threshold: number;
  effective: boolean;
}

function rosterOf(d: RosterDocument, head: string): Roster {
  const people = d.stewards.map((s) => ({ ...s, account: thumbprintOf(s.key) }));
  return { seq: d.seq, day: d.day, practice: d.practice, threshold: d.threshold, stewards: people, head };
}

/** roster is today's, as it follows from the vault id. Needs no keys. */
export async function roster(c: Client): Promise<Roster> {
  const { now } = await stewards(c);
  return rosterOf(now.document, now.head);
}

const page = object({ applications: list(recordShape) });

/** applications lists the researchers who wait, with the statements verified. */
export async function applications(c: Client): Promise<Applicant[]> {
  const waiting = await pages(c, "/v1/applications", page, (p) => p.applications);
  const known = await stewards(c);
  return waiting.map((record) => {
    const key = foreign(c, record.key);
    if (key === undefined) throw new Failure("recipient-swapped");
    return applicantOf(c, key.issuer, record, known);
  });
}

function applicantOf(c: Client, account: string, record: Claims, known: Stewards): Applicant {
  const who = identity(c, account, record);
  const said = voiced(c, who, record.accredits);
  const { name, institution, purpose } = who.apply.body;
  const most = Math.max(0, ...said.map((v) => voices(known.now, v.by).length));
  const mine = said.some((v) => v.by.includes(keysOf(c).thumbprint));
  return { account, name, institution, purpose, voices: most, threshold: known.now.document.threshold, mine };
}

const approval = object({ ...acceptedMembers, accreditation: string, approvals: whole, threshold: whole, effective: boolean });

/** accredit vouches for so many days from today, at most 366. When another steward has vouched already, the very same words
 *  are signed, so that the voices add up. agree is shown what is then signed; throwing stops it. */
export async function accredit(
  c: Client, account: string, days: number, agree?: (vouching: Vouching) => void | Promise<void>,
): Promise<Approval> {
  const body = await accreditBody(c, account, days);
  const { name, institution, purpose, from, until } = body;
  await agree?.({ account, name, institution, purpose, from, until });
  let answer: Approval | undefined;
  await sayWith(c, () => held("refused", () => saying("accredit", body)), async (statement) => {
    const said = await post(c, "/v1/accreditations", { statement }, approval);
    answer = said;
    return said;
  });
  if (answer?.accreditation !== bodyHash("accredit", body)) throw new Failure("nonsense", "another accreditation");
  return { accreditation: answer.accreditation, approvals: answer.approvals, threshold: answer.threshold, effective: answer.effective };
}

async function accreditBody(c: Client, account: string, days: number): Promise<Bodies["accredit"]> {
  const record = await candidate(c, account);
  const { now } = await stewards(c);
  const who = identity(c, account, record);
  for (const one of voiced(c, who, record.accredits)) {
    const n = voices(now, one.by).length;
    if (n > 0 && n < now.document.threshold && time(c) < one.body.until) return { ...one.body };
  }
  const { name, institution, purpose } = who.apply.body;
  const from = dayOf(time(c));
  return { account, key_sha256: who.key.hash, apply_sha256: who.apply.hash, name, institution, purpose, from, until: from + days * day };
}

/** candidate looks among those who wait and those who are known already, whose term may end soon. */
async function candidate(c: Client, account: string): Promise<Claims> {
  const waiting = await pages(c, "/v1/applications", page, (p) => p.applications);
  return waiting.find((record) => foreign(c, record.key)?.issuer === account) ?? recordOf(c, account);
}

/** suspend ends every accreditation in force of a researcher; one steward is enough. */
export async function suspend(c: Client, account: string): Promise<void> {
  const record = await recordOf(c, account);
  const inForce = voiced(c, identity(c, account, record), record.accredits).filter((one) => time(c) < one.body.until);
  if (inForce.length === 0) throw new Failure("not-accredited");
  for (const { hash } of inForce) {
    await sayWith(c, () => saying("suspend", { account, accreditation: hash }), (statement) =>
      post(c, "/v1/suspensions", { statement }, approval));
  }
}

/** accredited lists the researchers who count now. */
export function accredited(c: Client): Promise<Researcher[]> {
  return researchers(c);
}

/** proposeRoster writes and signs the roster that follows today's; others approve the document that comes back. */
export async function proposeRoster(
  c: Client, threshold: number, people: { name: string; key: string }[],
): Promise<{ document: string; effective: boolean }> {
  const { now } = await stewards(c);
  const sorted = [...people].sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ name, key }) => ({ name, key }));
  const bytes = held("refused", () => writeDocument({
    typ: "testimony-vault/roster/v1", seq: now.document.seq + 1, prev: now.head, nonce: base64url(c.random(16)),
    day: new Date(time(c) * 1000).toISOString().slice(0, 10), practice: now.document.practice, threshold, stewards: sorted,
    ...(now.document.farewell && { farewell: now.document.farewell }), // another change does not take it back
  }));
  const document = handOn(bytes);
  return { document, effective: await approveRoster(c, document) };
}

/** readProposal verifies that a document (b64 or JSON text) follows today's roster. Compare the two before approving. */
export async function readProposal(c: Client, document: string): Promise<{ now: Roster; next: Roster }> {
  const { now } = await stewards(c);
  const bytes = held("refused", () => documentOf(document));
  const next = held("refused", () => readDocument(bytes));
  const follows = next.seq === now.document.seq + 1 && next.prev === now.head && next.practice === now.document.practice;
  if (!follows) throw new Failure("refused", "it does not follow the roster of today");
  return { now: rosterOf(now.document, now.head), next: rosterOf(next, hashOf(bytes)) };
}

const proposed = object({ ...acceptedMembers, approvals: whole, threshold: whole, effective: boolean });

/** approveRoster signs a proposed roster. It says whether it is in force now. */
export async function approveRoster(c: Client, document: string): Promise<boolean> {
  const { next } = await readProposal(c, document);
  let effective = false;
  await sayWith(c, () => saying("roster", { document_sha256: next.head, roster_seq: next.seq }), async (statement) => {
    const said = await post(c, "/v1/roster", { document: base64url(documentOf(document)), statement }, proposed);
    effective = said.effective;
    return said;
  });
  return effective;
}
