// What stewards sign about partners, and officers about their programs (in Go api/client/agreement.go). Whoever signs is shown the
// body first, and signs exactly that; whoever is the second signs the very bytes that the first has signed, so that voices add up.
import { bodies, bodyHash, writeBody } from "./bodies.ts";
import { post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { decode } from "./canonical.ts";
import { Failure, held } from "./failure.ts";
import { id, newId } from "./names.ts";
import { pages } from "./pages.ts";
import { inForce, officersNeeded, partnerOf, partners, programs, type Agreement, type Organisation, type Partner, type ProgramKey, type Registration, type Scope } from "./partners.ts";
import { accepted, acceptedMembers, sayOne, sayWith } from "./say.ts";
import { time } from "./session.ts";
import { boolean, list, object, string, whole } from "./shape.ts";
import { saying, type Saying } from "./statement.ts";
import { day, dayOf } from "./terms.ts";
import { vaultInfo } from "./vault.ts";

/** How it stands after somebody spoke. */
export interface Standing {
  approvals: number;
  threshold: number;
  effective: boolean;
}

type Ask<T> = (what: T) => void | Promise<void>;

const agreed = object({ ...acceptedMembers, agreement: string, approvals: whole, threshold: whole, effective: boolean });
const registered = object({ ...acceptedMembers, registration: string, approvals: whole, threshold: whole, effective: boolean });

/** now is the vault's clock, once it is known. */
async function clock(c: Client): Promise<() => number> {
  await vaultInfo(c);
  return () => time(c);
}

/** allPartners lists all partners that the vault shows to this account. */
export async function allPartners(c: Client): Promise<Partner[]> {
  return partners(c, await clock(c));
}

/** A partner that has not acknowledged the end of a consent in time. Nothing says whom it concerns. */
export interface Late {
  partner: string;
  withdrawals: number;
  since: number; // day of the oldest
}

const late = object({ partners: list(object({ partner: id, withdrawals: whole, since: whole })) });

/** overdue lists them for a steward. It is the vault's word. */
export function overdue(c: Client): Promise<Late[]> {
  return pages(c, "/v1/overdue-withdrawals", late, (p) => p.partners);
}

/** What a steward writes of a new agreement. */
export interface Wish {
  partner: string; // "" for a new one
  name: string;
  officers: readonly string[];
  scopes: readonly Scope[];
  days: number; // at most 732
}

/** propose writes an agreement that begins today and signs it; ask is shown what is signed, and throwing stops it. */
export async function propose(c: Client, wish: Wish, ask: Ask<Agreement>): Promise<Standing> {
  const from = dayOf((await clock(c))());
  const body = held("refused", () => writeBody("agree", {
    partner: wish.partner === "" ? newId(c.random) : wish.partner, name: wish.name.trim(), officers: inOrder(wish.officers),
    scopes: inOrder(wish.scopes), from, until: from + wish.days * day,
  }));
  return agreeOn(c, body, ask);
}

/** join signs word for word what another steward of today has signed. It is looked up anew, and what nobody of today's stewards
 *  signed is not there to be joined. */
export async function join(c: Client, of: Partner, hash: string, ask: Ask<Agreement>): Promise<Standing> {
  const found = (await partnerOf(c, of.id, await clock(c))).agreements.find((a) => a.hash === hash);
  if (found === undefined || !joinable(c, found)) throw new Failure("refused", "it does not wait for this steward");
  return agreeOn(c, { ...found.agreement }, ask);
}

/** joinable says whether an agreement waits for this steward. */
export function joinable(c: Client, a: Organisation): boolean {
  return a.state === "waiting" && a.signed.length > 0 && !a.signed.includes(keysOf(c).thumbprint);
}

async function agreeOn(c: Client, body: Agreement, ask: Ask<Agreement>): Promise<Standing> {
  await ask(body);
  return speak(c, saying("agree", body), bodyHash("agree", body), async (statement) => {
    const said = await post(c, "/v1/agreements", { statement }, agreed);
    return { ...said, name: said.agreement };
  });
}

/** halt ends every agreement of a partner that is not over, those that are to begin later included; the one that counts comes
 *  first. One steward is enough. */
export async function halt(c: Client, partner: string): Promise<number> {
  const of = await partnerOf(c, partner, await clock(c));
  const standing = of.agreements.filter((a) => !["halted", "over", "invented"].includes(a.state));
  const live = inForce(of);
  const first = live === undefined ? standing : [live, ...standing.filter((a) => a !== live)];
  for (const a of first) {
    await speak(c, saying("halt", { partner, agreement: a.hash }), a.hash, async (statement) => {
      const said = await post(c, "/v1/halts", { statement }, agreed);
      return { ...said, name: said.agreement };
    });
  }
  return first.length;
}

/** An officer's partner, and what its programs have. */
export interface Office {
  partner: Partner;
  agreement: Organisation; // that counts, and names this officer
  keys: ProgramKey[];
}

/** office is the partner whose agreement in force names this account: by signatures up to the roster, whatever the vault says.
 *  null where there is none. */
export async function office(c: Client): Promise<Office | null> {
  const now = await clock(c);
  for (const partner of await partners(c, now).catch(none)) {
    const agreement = inForce(partner);
    if (agreement?.agreement.officers.includes(c.account) !== true) continue;
    return { partner, agreement, keys: await programs(c, partner, now) };
  }
  return null;
}

function none(error: unknown): Partner[] {
  if (error instanceof Failure && error.code === "not-found") return [];
  throw error;
}

/** keysAt lists the keys of a partner's programs, for stewards. */
export async function keysAt(c: Client, of: Partner): Promise<ProgramKey[]> {
  return programs(c, of, await clock(c));
}

/** What an officer writes of a key. */
export interface KeyWish {
  client: string; // "" for a new program
  jwk: string; // as testimony partner key writes it
  scopes: readonly Scope[];
  days: number; // at most 366
}

/** register signs for a key of a program, as the first officer. */
export async function register(c: Client, of: Office, wish: KeyWish, ask: Ask<Registration>): Promise<Standing> {
  const from = dayOf((await clock(c))());
  const body = held("refused", () => writeBody("client", {
    partner: of.partner.id, client: wish.client.trim() === "" ? newId(c.random) : wish.client.trim(),
    jwk: decode(wish.jwk.trim(), jwk), scopes: inOrder(wish.scopes), from, until: from + wish.days * day,
  }));
  return registerBody(c, body, ask);
}

const jwk = (value: unknown): Registration["jwk"] => {
  const probe = { partner: "a".repeat(26), client: "a".repeat(26), jwk: value, scopes: ["deliver"], from: day, until: 2 * day };
  return bodies.client(probe).jwk; // one list of members, and one spelling
};

/** second signs word for word what one other officer has signed. It is looked up anew. */
export async function second(c: Client, hash: string, ask: Ask<Registration>): Promise<Standing> {
  const found = (await office(c))?.keys.find((k) => k.hash === hash);
  if (found === undefined || !secondable(c, found)) throw new Failure("refused", "it does not wait for this officer");
  return registerBody(c, { ...found.registration }, ask);
}

/** secondable says whether a key waits for this officer. */
export function secondable(c: Client, k: ProgramKey): boolean {
  return k.state === "waiting" && k.officers.length < officersNeeded && !k.officers.includes(c.account);
}

async function registerBody(c: Client, body: Registration, ask: Ask<Registration>): Promise<Standing> {
  await ask(body);
  return speak(c, saying("client", body), bodyHash("client", body), async (statement) => {
    const said = await post(c, "/v1/clients", { statement }, registered);
    return { ...said, name: said.registration };
  });
}

/** retire ends a key of a program, at once and for good. One officer is enough. */
export async function retire(c: Client, k: ProgramKey): Promise<void> {
  const { partner, client } = k.registration;
  await sayOne(c, "/v1/retirements", () => saying("retire", { partner, client, key: k.key }));
}

/** speak signs one statement and holds the answer against what was signed. */
async function speak(
  c: Client, what: Saying, name: string, send: (text: string) => Promise<Standing & { name: string } & ReturnType<typeof accepted>>,
): Promise<Standing> {
  let answer: (Standing & { name: string }) | undefined;
  await sayWith(c, () => what, async (statement) => {
    const said = await send(statement);
    answer = said;
    return said;
  });
  if (answer?.name !== name) throw new Failure("nonsense", "it answers to something else");
  const { approvals, threshold, effective } = answer;
  return { approvals, threshold, effective };
}

function inOrder<T extends string>(list: readonly T[]): T[] {
  return [...new Set(list)].sort();
}
