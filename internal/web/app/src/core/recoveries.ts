// A trustee's side of giving lost words back (docs/protocol.md section 13; in Go api/client/recovery.go, recoveryanswer.go). Each
// recovery is held against its maker's statement, and the share against the digests in it. To whom a share is given the trustee
// says, by the account that the person told: never what the vault shows. It is the only thing that keeps others from it.
import type { Bodies } from "./bodies.ts";
import { base64url, type Bytes } from "./bytes.ts";
import { get, post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held, is } from "./failure.ts";
import { history } from "./history.ts";
import { author, lineageOf } from "./lineage.ts";
import { bytesOf, hashOf } from "./names.ts";
import { trusteeAnswers } from "./policies.ts";
import { claimedShape } from "./recovery.ts";
import { foreign } from "./roster.ts";
import { accepted, sayOne, sayWith } from "./say.ts";
import { list, object, string, word, type Of } from "./shape.ts";
import { saying, type StatementOf } from "./statement.ts";
import { day } from "./terms.ts";

/** Somebody who says that an account is theirs. Whether it is true is for the trustees to find out, by voice or in person. */
export interface Claim {
  claim: string;
  claimant: string; // the vault's word where there is a doubt
  opened: number; // Unix seconds, a whole day
  givesAt: number;
  given: boolean; // by this trustee's own statement
  doubt?: Failure; // trust-forged: nothing can be given
}

/** What a trustee sees of it. With doubt only recovery is to be believed. */
export interface NamedRecovery {
  recovery: string;
  of: string;
  threshold: number;
  trustees: number;
  wait: number; // days
  note: string;
  answer: (typeof trusteeAnswers)[number];
  claims: Claim[];
  doubt?: Failure; // trust-forged, share-swapped, old-share (which can still be declined)
}

const named = object({
  recovery: string, account: string, statement: string, rekeys: list(string), share: bytesOf, answer: word(...trusteeAnswers),
  claims: list(claimedShape),
});
type Named = Of<typeof named>;
type Claimed = Of<typeof claimedShape>;
const answer = object({ recoveries: list(named) });

async function claims(c: Client, query = ""): Promise<Named[]> {
  await history(c); // says whose account these keys are
  return (await get(c, `/v1/recoveries/named${query}`, answer)).recoveries;
}

/** namedRecoveries lists those that name this account. */
export async function namedRecoveries(c: Client): Promise<NamedRecovery[]> {
  const out: NamedRecovery[] = [];
  const all = await claims(c);
  const given = new Set((await history(c)).chain.statements.flatMap((s) => (s.act === "release" ? [s.body.of] : [])));
  for (const a of all) out.push(await told(c, a, given));
  return out;
}

async function told(c: Client, a: Named, given: ReadonlySet<string>): Promise<NamedRecovery> {
  const bare: NamedRecovery = { recovery: a.recovery, of: "", threshold: 0, trustees: 0, wait: 0, note: "", answer: a.answer, claims: [] };
  try {
    const { body } = namedIn(c, a);
    const { share, note } = await ownShare(c, body, a.share);
    share.fill(0);
    return { ...bare, of: a.account, threshold: body.threshold, trustees: body.trustees.length, wait: body.wait / day, note,
      claims: a.claims.map((one) => claimOf(c, a.account, one, given)) };
  } catch (doubt) {
    if (doubt instanceof Failure) return { ...bare, doubt };
    throw doubt;
  }
}

/** namedIn is a recovery that names this account, by its maker's statement alone. */
function namedIn(c: Client, a: Named): StatementOf<"recovery"> {
  const s = foreign(c, a.statement);
  if (s?.act !== "recovery" || s.id !== a.recovery) throw new Failure("trust-forged", "its statement is of something else");
  const from = held("trust-forged", () => author(lineageOf(c.vault, a.rekeys), s));
  if (from !== a.account || !s.body.trustees.some((t) => t.account === c.account)) throw new Failure("trust-forged", "it names somebody else");
  return s;
}

/** ownShare opens the trustee's own share against what was signed for. */
async function ownShare(c: Client, body: Readonly<Bodies["recovery"]>, file: Bytes): Promise<{ share: Bytes; note: string }> {
  const mine = body.trustees.find((t) => t.account === c.account);
  if (mine?.recipient_sha256 !== hashOf(keysOf(c).recipient)) throw new Failure("old-share");
  if (hashOf(file) !== mine.sealed_sha256) throw new Failure("share-swapped");
  const card = await keysOf(c).openShare(file);
  if (hashOf(card.share) !== mine.share_sha256) throw new Failure("trust-forged", "the share is not the one that was signed for");
  return { share: card.share, note: card.note.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, " ") };
}

/** claimOf never fails: a stranger's claim must not stand in the way of hers. */
function claimOf(c: Client, account: string, a: Claimed, given: ReadonlySet<string>): Claim {
  const one: Claim = { claim: a.claim, claimant: a.claimant, opened: a.opened, givesAt: a.gives_at, given: given.has(a.claim) };
  try {
    claimantOf(c, account, a);
    return one;
  } catch (doubt) {
    if (doubt instanceof Failure) return { ...one, doubt };
    throw doubt;
  }
}

/** claimantOf holds a claim and its key against the claimant that it names: what is compared by voice is the fingerprint of the key
 *  that the share is sealed to. */
function claimantOf(c: Client, account: string, a: Claimed): { statement: StatementOf<"claim">; recipient: string } {
  const [s, key] = [foreign(c, a.statement), foreign(c, a.key)];
  const fits = s?.act === "claim" && key?.act === "key" && s.id === a.claim && s.body.account === account && s.issuer === a.claimant &&
    key.issuer === a.claimant;
  if (!fits) throw new Failure("trust-forged", "the claim is not what was signed");
  if (!key.body.recipient.startsWith("age1pq1")) throw new Failure("classic");
  return { statement: s, recipient: key.body.recipient };
}

/** answerRecovery tells her whether this account will act. Declining needs no share: whoever cannot open it has the more reason. */
export async function answerRecovery(c: Client, recovery: string, said: "agreed" | "declined"): Promise<void> {
  const a = (await claims(c)).find((one) => one.recovery === recovery);
  if (a === undefined) throw new Failure("not-found");
  const s = namedIn(c, a);
  if (said === "agreed") (await ownShare(c, s.body, a.share)).share.fill(0);
  await sayOne(c, `/v1/recoveries/${recovery}/answers`, () => saying("trust", { of: s.id, of_sha256: s.hash, answer: said }));
}

/** releaseTo gives this trustee's share to a claimant, whose account the person told by voice or in person. Codes: refused (it is
 *  not the claimant's: somebody else may be claiming her account; nothing was given). */
export async function releaseTo(c: Client, claim: string, claimant: string): Promise<void> {
  // Of this claimant alone first: anybody can claim, and a list has an end.
  for (const query of [`?claimant=${encodeURIComponent(claimant)}`, ""]) {
    try {
      await releaseOf(c, await claims(c, query), claim, claimant);
      return;
    } catch (error) {
      if (query === "" || !is(error, "not-found")) throw error;
    }
  }
}

async function releaseOf(c: Client, all: Named[], claim: string, claimant: string): Promise<void> {
  const a = all.find((one) => one.claims.some((by) => by.claim === claim));
  const by = a?.claims.find((one) => one.claim === claim);
  if (a === undefined || by === undefined) throw new Failure("not-found");
  const { body } = namedIn(c, a);
  const to = claimantOf(c, a.account, by);
  if (by.claimant !== claimant) throw new Failure("refused", "the account is not the claimant's: nothing was given");
  const { share } = await ownShare(c, body, a.share);
  try {
    const file = await keysOf(c).sealShare({ share, threshold: body.threshold, of: body.trustees.length, note: "" }, to.recipient);
    const { id, hash } = to.statement;
    await sayWith(c, () => saying("release", { of: id, of_sha256: hash, sealed_sha256: hashOf(file) }), (statement) =>
      post(c, `/v1/claims/${claim}/releases`, { statement, share: base64url(file) }, accepted));
  } finally {
    share.fill(0);
  }
}
