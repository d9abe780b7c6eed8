// Somebody whose words are lost (docs/protocol.md section 13; in Go api/client/recovered.go): she enrols new ones, claims the old account
// and, when the wait is over and enough trustees gave their shares, has the lost secret again. Each share is held against what its
// trustee signed for and the digest that she signed, and the secret against the key that she signed with.
import type { Bytes } from "./bytes.ts";
import { get } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held, is } from "./failure.ts";
import { history, refresh } from "./history.ts";
import { author, lineageOf } from "./lineage.ts";
import { isHash } from "./names.ts";
import { foreign } from "./roster.ts";
import { sayOne } from "./say.ts";
import { checkVote, opened, vote, type Vote } from "./sharing.ts";
import { list, object, string, type Of } from "./shape.ts";
import { saying, type StatementOf } from "./statement.ts";

/** A claim of this account's own, by its own chain. */
export interface OwnClaim {
  claim: string;
  account: string; // whose words are lost
  day: number;
  old: boolean; // by words that were changed since: shares for it open with those only
}

/** claim says that an account whose words are lost is this person's. The vault answers the same whatever is claimed. */
export async function claim(c: Client, account: string): Promise<void> {
  await history(c); // says whose account these keys are
  if (!isHash(account) || account === c.account) throw new Failure("refused", "this is not the account of lost words");
  await sayOne(c, "/v1/claims", () => saying("claim", { account }));
}

/** ownClaims are those she made, the newest first. */
export async function ownClaims(c: Client): Promise<OwnClaim[]> {
  const { chain } = await refresh(c);
  return chain.statements.filter((s) => s.act === "claim").reverse()
    .map((s) => ({ claim: s.id, account: s.body.account, day: s.issuedAt, old: s.issuer !== keysOf(c).thumbprint }));
}

const answer = object({ account: string, recovery: string, rekeys: list(string), shares: list(vote) });

/** recovered gives what join makes of the lost secret's shares. join puts them together where keys are, and refuses a secret that is
 *  not of the key with this thumbprint. Codes: not-released (not yet, or never), old-share, false-shares (names who gave them),
 *  trust-forged, share-swapped. */
export async function recovered<T>(c: Client, id: string, join: (shares: Bytes[], thumbprint: string) => Promise<T>): Promise<T> {
  const mine = await ownClaim(c, id);
  const said = await sharesFor(c, id);
  const s = recoveryOf(c, mine.body.account, said);
  const shares = await rightShares(c, mine, s, said.shares);
  try {
    return await join(shares, s.issuer);
  } finally {
    for (const share of shares) share.fill(0);
  }
}

async function ownClaim(c: Client, id: string): Promise<StatementOf<"claim">> {
  const found = (await refresh(c)).chain.statements.find((s) => s.act === "claim" && s.id === id);
  if (found?.act !== "claim") throw new Failure("not-found");
  if (found.issuer !== keysOf(c).thumbprint) throw new Failure("old-share");
  return found;
}

async function sharesFor(c: Client, id: string): Promise<Of<typeof answer>> {
  try {
    return await get(c, `/v1/claims/${id}/shares`, answer);
  } catch (error) {
    throw is(error, "not-found") ? new Failure("not-released") : error;
  }
}

function recoveryOf(c: Client, account: string, said: Of<typeof answer>): StatementOf<"recovery"> {
  const s = foreign(c, said.recovery);
  const from = s && held("trust-forged", () => author(lineageOf(c.vault, said.rekeys), s));
  if (s?.act !== "recovery" || from !== account || said.account !== account) throw new Failure("trust-forged", "it is of another account");
  return s;
}

/** rightShares takes the right ones and names who gave others. */
async function rightShares(c: Client, mine: StatementOf<"claim">, { body }: StatementOf<"recovery">, given: Vote[]): Promise<Bytes[]> {
  const [right, seen, wrong]: [Bytes[], string[], string[]] = [[], [], []];
  for (const one of given) {
    const named = body.trustees.find((t) => t.account === one.account);
    if (named === undefined || seen.includes(one.account)) throw new Failure("share-swapped");
    checkVote(c, mine, one);
    seen.push(one.account);
    const share = await opened(c, one.share, named.share_sha256);
    if (share === undefined) wrong.push(one.account);
    else right.push(share);
  }
  if (body.threshold === 0 || right.length < body.threshold) throw new Failure("false-shares", "", { accounts: wrong });
  return right.slice(0, body.threshold);
}
