// Partner organisations, their officers and the keys of their programs, as verified statements have them (docs/protocol.md section
// 16; in Go api/client/partners.go). It trusts the verified roster and nothing of what the vault sent but signatures; where the
// vault says less is in force, it is believed. That it withholds a halt, a retirement or a newer agreement cannot be seen.
import { bodyHash, type Bodies } from "./bodies.ts";
import { fromBase64url } from "./bytes.ts";
import { get } from "./call.ts";
import type { Client } from "./client.ts";
import { hashOf } from "./names.ts";
import { pages } from "./pages.ts";
import { approved, foreign, stewards, voices, type Stewards } from "./roster.ts";
import { list, maybe, object, string, type Of } from "./shape.ts";

export type Agreement = Bodies["agree"];
export type Registration = Bodies["client"];
export type Scope = Agreement["scopes"][number];
export const scopes: readonly Scope[] = ["collect", "consult", "deliver", "follow", "hooks", "register"];

/** How an agreement stands. `invented`: nobody who is or was a steward has signed it, so whoever runs the vault has. */
export type AgreementState = "invented" | "halted" | "over" | "waiting" | "replaced" | "to-begin" | "in-force";

/** One agreement with a partner. */
export interface Organisation {
  readonly agreement: Readonly<Agreement>; // word for word
  readonly hash: string; // its name
  readonly signed: readonly string[]; // accounts of the stewards of today who signed
  readonly vouched: readonly string[]; // their names, as the roster has them
  readonly threshold: number;
  readonly state: AgreementState;
}

/** A partner with its agreements, the one that begins last first. */
export interface Partner {
  readonly id: string;
  readonly name: string; // of the newest agreement that somebody of the roster signed, "" where there is none
  readonly agreements: readonly Organisation[];
  /** The vault says that an agreement is in force, and signatures say that it is not. */
  readonly claimed: boolean;
}

/** How a key of a program stands. `stranger`: no officer of the agreement has signed for it. */
export type KeyState = "stranger" | "retired" | "over" | "waiting" | "to-begin" | "in-force";

/** One registration of a key. */
export interface ProgramKey {
  readonly registration: Readonly<Registration>; // word for word
  readonly hash: string; // its name
  readonly key: string; // thumbprint
  readonly officers: readonly string[]; // officers who signed
  readonly others: number; // signatures of people who are no officers: they count nothing
  readonly state: KeyState;
}

/** officersNeeded is how many officers sign for a key. */
export const officersNeeded = 2;

const record = object({ partner: string, agrees: list(string), halts: list(string), halted: list(string), in_force: maybe(string) });
const page = object({ partners: list(record) });

/** partners lists them: to a steward all, to an officer her own. now is the vault's time. */
export async function partners(c: Client, now: () => number): Promise<Partner[]> {
  const all = await pages(c, "/v1/partners", page, (p) => p.partners);
  const known = await stewards(c);
  return all.map((one) => partnerFrom(c, one, known, now()));
}

/** partnerOf looks one partner up. */
export async function partnerOf(c: Client, id: string, now: () => number): Promise<Partner> {
  const one = await get(c, `/v1/partners/${encodeURIComponent(id)}`, record);
  return partnerFrom(c, { ...one, partner: id }, await stewards(c), now());
}

interface Said {
  body: Agreement;
  hash: string;
  by: string[];
}

function partnerFrom(c: Client, r: Of<typeof record>, known: Stewards, now: number): Partner {
  const halted = haltedOf(c, r, known);
  const said = saidOf(c, r).sort((a, b) => b.body.from - a.body.from || (hex(a.hash) < hex(b.hash) ? 1 : -1));
  const counts = said.find((s) => s.body.from <= now && approved(known.now, s.by));
  const agreements = said.map((s): Organisation => {
    const signed = voices(known.now, s.by);
    const vouched = signed.map((a) => known.now.names.get(a) ?? "");
    const state = stateOf(s, known, halted.has(s.hash), counts, now);
    return { agreement: s.body, hash: s.hash, signed, vouched, threshold: known.now.document.threshold, state };
  });
  const name = agreements.find((a) => a.state !== "invented")?.agreement.name ?? "";
  const live = agreements.find((a) => a.state === "in-force")?.hash;
  return { id: r.partner, name, agreements, claimed: r.in_force !== undefined && r.in_force !== live };
}

/** hex is in the order of the bytes, which the letters of base64url are not. */
function hex(hash: string): string {
  return Array.from(fromBase64url(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** saidOf gathers agree statements by body. */
function saidOf(c: Client, r: Of<typeof record>): Said[] {
  const found = new Map<string, Said>();
  for (const text of r.agrees) {
    const s = foreign(c, text);
    if (s?.act !== "agree" || s.body.partner !== r.partner) continue;
    const hash = bodyHash("agree", s.body);
    const one: Said = found.get(hash) ?? { body: s.body, hash, by: [] };
    one.by.push(s.issuer);
    found.set(hash, one);
  }
  return [...found.values()];
}

/** haltedOf names what a steward, of today or of any earlier day, has halted, and what the vault says was. */
function haltedOf(c: Client, r: Of<typeof record>, known: Stewards): Set<string> {
  const out = new Set(r.halted);
  for (const text of r.halts) {
    const s = foreign(c, text);
    if (s?.act === "halt" && known.ever.has(s.issuer) && s.body.partner === r.partner) out.add(s.body.agreement);
  }
  return out;
}

function stateOf(s: Said, known: Stewards, halted: boolean, counts: Said | undefined, now: number): AgreementState {
  if (!s.by.some((a) => known.ever.has(a))) return "invented";
  if (halted) return "halted";
  if (now >= s.body.until) return "over";
  if (!approved(known.now, s.by)) return "waiting";
  if (s.body.from > now) return "to-begin";
  return counts === s ? "in-force" : "replaced";
}

/** inForce is the agreement that counts, if one does. */
export function inForce(of: Partner): Organisation | undefined {
  return of.agreements.find((a) => a.state === "in-force");
}

const clientRecord = object({ client: string, clients: list(string), retires: list(string), retired: list(string) });
const clientPage = object({ clients: list(clientRecord) });

/** programs lists the registrations of a partner's programs under its agreement in force, for its officers and for stewards. */
export async function programs(c: Client, of: Partner, now: () => number): Promise<ProgramKey[]> {
  const all = await pages(c, `/v1/partners/${encodeURIComponent(of.id)}/clients`, clientPage, (p) => p.clients);
  const officers = inForce(of)?.agreement.officers ?? [];
  return all.flatMap((r) => keysFrom(c, of.id, officers, r, now()));
}

interface Signed {
  body: Registration;
  hash: string;
  key: string;
  by: Set<string>;
}

function keysFrom(c: Client, partner: string, officers: readonly string[], r: Of<typeof clientRecord>, now: number): ProgramKey[] {
  const found = new Map<string, Signed>();
  for (const text of r.clients) {
    const s = foreign(c, text);
    if (s?.act !== "client" || s.body.partner !== partner || s.body.client !== r.client) continue;
    const hash = bodyHash("client", s.body);
    const one = found.get(hash) ?? { body: s.body, hash, key: keyName(s.body.jwk), by: new Set<string>() };
    one.by.add(s.issuer);
    found.set(hash, one);
  }
  const retired = retiredOf(c, partner, r, [...found.values()]);
  return [...found.values()].map((one): ProgramKey => {
    const theirs = officers.filter((o) => one.by.has(o));
    const state = keyState(one, theirs.length, retired.has(one.key), now);
    return { registration: one.body, hash: one.hash, key: one.key, officers: theirs, others: one.by.size - theirs.length, state };
  });
}

/** retiredOf believes a retirement by anybody who signed for a key of the program: restricting needs no standing. */
function retiredOf(c: Client, partner: string, r: Of<typeof clientRecord>, keys: readonly Signed[]): Set<string> {
  const out = new Set(r.retired);
  for (const text of r.retires) {
    const s = foreign(c, text);
    const about = s?.act === "retire" && s.body.partner === partner && s.body.client === r.client ? s : undefined;
    if (about !== undefined && keys.some((k) => k.by.has(about.issuer))) out.add(about.body.key);
  }
  return out;
}

function keyState(k: Signed, officers: number, retired: boolean, now: number): KeyState {
  if (retired) return "retired";
  if (officers === 0) return "stranger";
  if (now >= k.body.until) return "over";
  if (officers < officersNeeded) return "waiting";
  return now < k.body.from ? "to-begin" : "in-force";
}

/** keyName is the RFC 7638 thumbprint of a program's key. */
export function keyName({ crv, kty, x, y }: Registration["jwk"]): string {
  return hashOf(y === undefined ? JSON.stringify({ crv, kty, x }) : JSON.stringify({ crv, kty, x, y }));
}
