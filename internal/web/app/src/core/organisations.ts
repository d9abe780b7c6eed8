// Whether a partner's program is one that stewards and officers vouch for (docs/protocol.md section 16; in Go api/client/partners.go
// and vouched.go). It trusts the verified roster and, of what the vault sent, signatures only, and where the vault says that less
// is in force:
//   - enough stewards of today signed one agreement with the partner;
//   - two of its officers signed one registration of the program's key;
//   - nobody who is or ever was a steward has halted it, and nobody who signed for a key of the program has retired this one.
// That a halt, a retirement or a newer agreement is withheld cannot be seen; agreements and keys end for that reason.
import type { Bodies } from "./bodies.ts";
import { get } from "./call.ts";
import type { Client } from "./client.ts";
import { signedWith, thumbprintOfJwk, type Token } from "./clientkey.ts";
import { Failure, is } from "./failure.ts";
import { hashOf } from "./names.ts";
import { encode } from "./canonical.ts";
import { approved, foreign, stewards, voices, type Stewards } from "./roster.ts";
import { time } from "./session.ts";
import { list, object, string } from "./shape.ts";
import { day } from "./terms.ts";

/** One agreement with a partner, as verified statements have it. */
export interface Organisation {
  partner: string;
  name: string;
  officers: readonly string[];
  from: number;
  until: number; // excluded
  hash: string; // its name
  vouched: string[]; // names of the stewards of today who signed
  approved: boolean; // enough of them
  halted: boolean;
}

/** One registration of a program's key. */
interface Registered {
  jwk: Bodies["client"]["jwk"];
  key: string; // thumbprint
  from: number;
  until: number;
  signed: string[]; // accounts
  retired: boolean;
}

/** A program's key with all that vouches for it. */
export interface Vouched {
  key: Registered;
  partner: Organisation;
}

const record = object({ agrees: list(string), halts: list(string), halted: list(string) });

/** partnerOf gives the agreements of one partner, the one that begins last first. */
export async function partnerOf(c: Client, partner: string): Promise<Organisation[]> {
  const said = await get(c, `/v1/partners/${partner}`, record);
  const known = await stewards(c);
  const agrees = said.agrees.flatMap((text) => {
    const s = foreign(c, text);
    return s?.act === "agree" && s.body.partner === partner ? [s] : [];
  });
  const halts = said.halts.flatMap((text) => {
    const s = foreign(c, text);
    return s?.act === "halt" && known.ever.has(s.issuer) && s.body.partner === partner ? [s.body.agreement] : [];
  });
  const found = byBody(agrees).map(({ hash, body, by }) => organisation(body, hash, by, known));
  for (const o of found) o.halted = halts.includes(o.hash) || said.halted.includes(o.hash);
  return found.sort((a, b) => b.from - a.from || (a.hash < b.hash ? 1 : -1));
}

function organisation(body: Readonly<Bodies["agree"]>, hash: string, by: string[], known: Stewards): Organisation {
  const { partner, name, officers, from, until } = body;
  const vouched = voices(known.now, by).map((a) => known.now.names.get(a) ?? "");
  return { partner, name, officers, from, until, hash, vouched, approved: approved(known.now, by), halted: false };
}

/** byBody gathers the voices of statements that say the same: a body has one spelling. */
function byBody<B extends object>(all: readonly { issuer: string; body: B }[]): { hash: string; body: B; by: string[] }[] {
  const found = new Map<string, { hash: string; body: B; by: string[] }>();
  for (const { issuer, body } of all) {
    const hash = hashOf(encode(body));
    const one = found.get(hash) ?? { hash, body, by: [] };
    one.by.push(issuer);
    found.set(hash, one);
  }
  return [...found.values()];
}

/** live says whether an agreement counts now, if no later one has taken its place. */
export function live(c: Client, o: Organisation): boolean {
  return o.approved && !o.halted && time(c) >= o.from && time(c) < o.until;
}

/** partnerNow is the partner's agreement that counts now, for opening a tray. Codes: not-found, no-partner. */
export async function partnerNow(c: Client, partner: string): Promise<Organisation> {
  const found = (await partnerOf(c, partner)).find((o) => live(c, o));
  if (found === undefined) throw new Failure("no-partner");
  return found;
}

const programRecord = object({ clients: list(string), retires: list(string), retired: list(string) });

async function registered(c: Client, partner: string, client: string): Promise<Registered[]> {
  const said = await get(c, `/v1/partners/${partner}/clients/${client}`, programRecord);
  const about = (body: { partner: string; client: string }) => body.partner === partner && body.client === client;
  const keys = said.clients.flatMap((text) => {
    const s = foreign(c, text);
    return s?.act === "client" && about(s.body) ? [s] : [];
  });
  const anybody = new Set(keys.map((s) => s.issuer)); // restricting needs no standing
  const retired = said.retires.flatMap((text) => {
    const s = foreign(c, text);
    return s?.act === "retire" && about(s.body) && anybody.has(s.issuer) ? [s.body.key] : [];
  });
  return byBody(keys).map(({ body, by }) => {
    const key = thumbprintOfJwk(body.jwk);
    return { jwk: body.jwk, key, from: body.from, until: body.until, signed: [...new Set(by)], retired: retired.includes(key) || said.retired.includes(key) };
  });
}

/** Two officers, and not one of them twice. */
function vouches(o: Organisation, k: Registered): boolean {
  return k.signed.filter((account) => o.officers.includes(account)).length >= 2;
}

/** vouchedKey checks a program's key from statements alone, or no-partner. Where several vouch it is one that counts now, or else the
 *  latest: what a program signed may be older than the end of its key. */
export async function vouchedKey(c: Client, partner: string, client: string, key: string): Promise<Vouched> {
  const agreements = await partnerOf(c, partner);
  const keys = await registered(c, partner, client);
  const all = agreements.flatMap((o) => keys.filter((k) => k.key === key && o.approved && vouches(o, k)).map((k) => ({ key: k, partner: o })));
  const counts = ({ key: k, partner: o }: Vouched) => live(c, o) && !k.retired && time(c) >= k.from && time(c) < k.until;
  const found = all.find(counts) ?? all[0];
  if (found === undefined) throw new Failure("no-partner");
  return found;
}

/** What a token of a program says about whose it is and when. */
export interface Signed {
  partner: string;
  client: string;
  day: number;
}

/** Finding a program's key: vouchedKey, or one that remembers what it was told. */
export type Finding = (partner: string, client: string, key: string) => Promise<Vouched>;

/** remembering asks once for each key, however much it signed. */
export function remembering(c: Client): Finding {
  const known = new Map<string, Promise<Vouched>>();
  return (partner, client, key) => {
    const name = `${partner} ${client} ${key}`;
    const found = known.get(name) ?? vouchedKey(c, partner, client, key);
    known.set(name, found);
    return found;
  };
}

/** vouch checks that a program signed a token on a day on which its key was good. Code: note-forged. */
export async function vouch(token: Token<Signed>, find: Finding): Promise<Vouched> {
  const { partner, client, day: on } = token.payload;
  try {
    const found = await find(partner, client, token.kid);
    const good = on + day > found.key.from && on < found.key.until && (await signedWith(token, found.key.jwk));
    if (good) return found;
  } catch (cause) {
    if (!is(cause, "no-partner", "not-found")) throw cause;
    throw new Failure("note-forged", "nobody vouches for the program", { cause });
  }
  throw new Failure("note-forged", "its signature is not the program's, or of another time");
}
