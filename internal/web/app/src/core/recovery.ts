// Letting people give lost words back (docs/protocol.md section 13; in Go api/client/recovery.go): her side. The secret itself is
// split where the keys are, in the worker; what comes here are shares, and they leave at once, each sealed to its trustee. Who
// the trustees are was told to her by themselves, and no steward is one: nobody who guards the vault may hold a share.
import type { Bodies, Share } from "./bodies.ts";
import { base64url, type Bytes } from "./bytes.ts";
import { get, post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held } from "./failure.ts";
import { history } from "./history.ts";
import { hashOf } from "./names.ts";
import { knownAs, trusteeAnswers } from "./policies.ts";
import { stewards } from "./roster.ts";
import { accepted, sayWith } from "./say.ts";
import { list, maybe, object, string, whole, word } from "./shape.ts";
import { saying } from "./statement.ts";
import { day } from "./terms.ts";

export interface RecoveryTerms {
  trustees: string[]; // accounts, typed, never taken from a list of the vault's
  threshold: number;
  wait: number; // days between a claim and the shares, in which she can say no
  note: string;
}

/** Splits the secret of the very keys that the client has, and of no others. */
export type SplitWords = (n: number, threshold: number) => Promise<Bytes[]>;

/** setRecovery lets trustees give the words back, in place of an earlier recovery. */
export async function setRecovery(c: Client, terms: RecoveryTerms, splitWords: SplitWords): Promise<void> {
  const accounts = [...terms.trustees].sort();
  await history(c); // says whose account these keys are
  const { ever } = await stewards(c);
  if (new Set(accounts).size !== accounts.length || accounts.includes(c.account)) throw new Failure("refused", "name each trustee once, and not yourself");
  if (accounts.some((who) => ever.has(who))) throw new Failure("refused", "a steward guards this vault: choose somebody else");
  const recipients: string[] = [];
  for (const who of accounts) recipients.push(await knownAs(c, who));
  const shares = await splitWords(accounts.length, terms.threshold);
  const [trustees, files]: [Share[], Bytes[]] = [[], []];
  for (const [i, account] of accounts.entries()) {
    const [to = "", share = new Uint8Array(0)] = [recipients[i], shares[i]];
    const file = await keysOf(c).sealShare({ share, threshold: terms.threshold, of: accounts.length, note: terms.note }, to);
    trustees.push({ account, recipient_sha256: hashOf(to), share_sha256: hashOf(share), sealed_sha256: hashOf(file) });
    files.push(file);
    share.fill(0);
  }
  await sayRecovery(c, { threshold: terms.threshold, trustees, wait: terms.wait * day }, files);
}

/** endRecovery takes it back: no trustee can give anything any more. */
export function endRecovery(c: Client): Promise<void> {
  return sayRecovery(c, { threshold: 0, trustees: [], wait: 0 }, []);
}

async function sayRecovery(c: Client, body: Bodies["recovery"], files: Bytes[]): Promise<void> {
  await sayWith(c, () => held("refused", () => saying("recovery", body)), (statement) =>
    post(c, "/v1/recoveries", { statement, shares: files.map(base64url) }, accepted));
}

/** claimedShape is somebody's word that an account is theirs, as the vault tells it. */
export const claimedShape = object({ claim: string, claimant: string, opened: whole, gives_at: whole, statement: string, key: string });

const answer = object({
  recovery: maybe(string), claims: list(claimedShape),
  trustees: list(object({ account: string, answer: word(...trusteeAnswers), released: maybe(whole) })),
});

export interface OwnRecovery {
  set: boolean;
  trustees: { account: string; answer: (typeof trusteeAnswers)[number] }[];
  claims: { claimant: string; opened: number; givesAt: number }[]; // anything she signs ends them
}

/** ownRecovery tells how her own stands, and who claims her account now. It is the vault's word. */
export async function ownRecovery(c: Client): Promise<OwnRecovery> {
  const said = await get(c, "/v1/recoveries", answer);
  return {
    set: (said.recovery ?? "") !== "",
    trustees: said.trustees.map(({ account, answer: said }) => ({ account, answer: said })),
    claims: said.claims.map((one) => ({ claimant: one.claimant, opened: one.opened, givesAt: one.gives_at })),
  };
}
