// Taking back, of everything at once or of a part of it, and what became of it (in Go api/client/withdraw.go). Nothing but her
// words is needed. Each end has a revocation receipt of the vault's, held against her own statements.
import { get } from "./call.ts";
import type { Client } from "./client.ts";
import { closureMembers, closureOf, type Closure } from "./closures.ts";
import { endsAt, proves, type End } from "./endings.ts";
import { Failure } from "./failure.ts";
import { history, type History } from "./history.ts";
import { partOf, surely, testimonyOf } from "./known.ts";
import { pages } from "./pages.ts";
import { readRevocation, type Revocation } from "./revocation.ts";
import { sayOne } from "./say.ts";
import { list, object, string, type Of } from "./shape.ts";
import { saying } from "./statement.ts";
import { vaultInfo } from "./vault.ts";

/** What she takes back. What is left out is all there is of it: {} is everything. */
export interface Scope {
  testimony?: string;
  part?: number; // of the testimony
  reader?: string;
}

export interface Withdrawal extends Closure {
  grant: string;
  testimony: string;
  reader: string;
  said: Revocation; // the vault's signed word
  receipt: string; // its text, to be kept
  known: boolean; // held against her own statements; of an erased testimony those are gone
}

/** withdraw: when it returns the vault serves nothing of it, and has signed so for each grant (else: revocation). That there was
 *  nothing to take back is no error. */
export async function withdraw(c: Client, scope: Scope): Promise<Withdrawal[]> {
  const { testimony = "", part = 0, reader = "" } = scope;
  const said = await sayOne(c, "/v1/withdrawals", (h) => {
    within(h, testimony, part);
    return saying("withdraw", { testimony, n: part, grantee: reader });
  });
  const h = await history(c);
  const found = await listBehind(c, h, said.seq - 1);
  const missing = new Set(endsAt(h, said.seq)?.keys());
  for (const w of found) if (w.said.statement_sha256 === said.hash) missing.delete(w.grant);
  if (missing.size > 0) throw new Failure("revocation", "there is no receipt for a grant");
  return found;
}

/** within refuses a scope that names what is not there: perhaps a slip of the hand, and then something else would go on being read. */
function within(h: History, testimony: string, part: number): void {
  if (testimony === "" && part !== 0) throw new Failure("refused", "a part is one of a testimony");
  if (testimony === "") return;
  if (part === 0) testimonyOf(h, testimony);
  else partOf(h, testimony, part);
}

const claimed = object({ ...closureMembers, grant: string, testimony: string, grantee: string, revocation: string });
const page = object({ withdrawals: list(claimed) });

/** withdrawals lists all she ever took back, with the reader's answer. */
export function withdrawals(c: Client): Promise<Withdrawal[]> {
  return surely(c, (h) => listBehind(c, h, 0));
}

/** withdrawn gives what has ended of one grant. */
export function withdrawn(c: Client, grant: string): Promise<Withdrawal[]> {
  return surely(c, async (h) => {
    const { withdrawals: found } = await get(c, `/v1/withdrawals/${grant}`, page);
    if (found.some((w) => w.grant !== grant)) throw new Failure("revocation", "it is for another grant");
    return verifyAll(c, h, found);
  });
}

async function listBehind(c: Client, h: History, after: number): Promise<Withdrawal[]> {
  return verifyAll(c, h, await pages(c, `/v1/withdrawals?after=${after}`, page, (p) => p.withdrawals));
}

async function verifyAll(c: Client, h: History, found: Of<typeof claimed>[]): Promise<Withdrawal[]> {
  const keys = (await vaultInfo(c)).receipt_keys;
  const known = new Map<number, Map<string, End> | undefined>();
  return found.map((w) => {
    if (!known.has(w.seq)) known.set(w.seq, endsAt(h, w.seq));
    return verify(c, w, known.get(w.seq)?.get(w.grant), keys);
  });
}

function verify(c: Client, w: Of<typeof claimed>, end: End | undefined, keys: Uint8Array[]): Withdrawal {
  const said = readRevocation(w.revocation, keys);
  if (end !== undefined) proves(end, said);
  const same = said.account === c.account && said.iss === c.vault && said.grant === w.grant && said.testimony === w.testimony && said.grantee === w.grantee;
  if (!same) throw new Failure("revocation", "it is for another grant");
  return { ...closureOf(c, w, w.grant, w.grantee), grant: w.grant, testimony: w.testimony, reader: w.grantee, said, receipt: w.revocation,
    known: end !== undefined };
}

