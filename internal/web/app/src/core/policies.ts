// Trustees and silence (docs/protocol.md section 12; in Go api/client/policy.go): what has to happen before grants under a policy
// open. A policy lets nobody in by itself. The key that its grants are sealed to is made by the sealer, shared among the
// trustees and forgotten: nobody has it, she neither.
import { base64url, type Bytes } from "./bytes.ts";
import type { Bodies, Share } from "./bodies.ts";
import type { TestimonyEntry } from "./book.ts";
import { get, json, post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held } from "./failure.ts";
import { surely, testimonyOf } from "./known.ts";
import { author, lineageOf } from "./lineage.ts";
import { hashOf, isHash } from "./names.ts";
import { pathOf } from "./address.ts";
import { pages } from "./pages.ts";
import { foreign } from "./roster.ts";
import { accepted, sayWith } from "./say.ts";
import { boolean, list, maybe, object, string, whole, word, type Of } from "./shape.ts";
import { read, saying } from "./statement.ts";
import { day } from "./terms.ts";

export interface PolicyTerms {
  testimony: string;
  to: string; // the reader
  trustees: string[]; // accounts, typed or scanned, never taken from a list of the vault's
  threshold: number; // 0 without trustees
  silence: number; // days; 0: silence plays no part
  wait: number; // days after that in which she can say no
  note: string; // for the trustees, sealed with each share
}

export const trusteeAnswers = ["none", "agreed", "declined", "released"] as const;

export interface Trustee {
  account: string;
  answer: (typeof trusteeAnswers)[number];
  released: number; // Unix seconds, 0 for not
}

export interface Policy {
  policy: string;
  testimony: string;
  to: string;
  threshold: number;
  trustees: Trustee[];
  silence: number; // days
  wait: number;
  noticeAt: number; // Unix seconds, 0 where silence plays no part
  releaseAt: number;
  recipient: string; // of the shared key, "" where there is none
}

/** setPolicy makes a policy; give with its id lets the reader in under it. */
export async function setPolicy(c: Client, p: PolicyTerms): Promise<Policy> {
  const { recipient, trustees, files } = await prepared(c, p);
  const body: Bodies["policy"] = {
    testimony: p.testimony, grantee: p.to, threshold: p.threshold, trustees, recipient_sha256: recipient === "" ? "" : hashOf(recipient),
    silence: p.silence * day, wait: p.wait * day,
  };
  const said = await sayWith(c, (h) => {
    testimonyOf(h, p.testimony);
    return held("refused", () => saying("policy", body));
  }, (statement) => post(c, `${pathOf(p.testimony)}/policies`, { statement, ...(recipient === "" ? {} : { recipient }), shares: files.map(base64url) }, accepted));
  const named = trustees.map((t): Trustee => ({ account: t.account, answer: "none", released: 0 }));
  return { ...policyOf(said.id, body), trustees: named, recipient };
}

function policyOf(policy: string, body: Readonly<Bodies["policy"]>): Policy {
  return { policy, testimony: body.testimony, to: body.grantee, threshold: body.threshold, trustees: [], silence: body.silence / day,
    wait: body.wait / day, noticeAt: 0, releaseAt: 0, recipient: "" };
}

/** prepared makes the shared key and gives each trustee a share. */
async function prepared(c: Client, p: PolicyTerms): Promise<{ recipient: string; trustees: Share[]; files: Bytes[] }> {
  const accounts = [...new Set(p.trustees)].sort();
  // She herself, or one of them twice, would make fewer people enough than she thinks.
  if (accounts.length !== p.trustees.length || accounts.includes(c.account)) throw new Failure("refused", "name each trustee once, and not yourself");
  if (accounts.length === 0) return { recipient: "", trustees: [], files: [] };
  const recipients: string[] = [];
  for (const who of accounts) recipients.push(await knownAs(c, who));
  const { recipient, shares } = await keysOf(c).share(accounts.length, p.threshold);
  const [trustees, files]: [Share[], Bytes[]] = [[], []];
  for (const [i, account] of accounts.entries()) {
    const [to = "", share = new Uint8Array(0)] = [recipients[i], shares[i]];
    const file = await keysOf(c).sealShare({ share, threshold: p.threshold, of: accounts.length, note: p.note }, to);
    trustees.push({ account, recipient_sha256: hashOf(to), share_sha256: hashOf(share), sealed_sha256: hashOf(file) });
    files.push(file);
    share.fill(0);
  }
  return { recipient, trustees, files };
}

const introduced = object({ key: string, rekeys: maybe(list(string)) });

/** knownAs asks for the key of an account and believes it only if that account signed it: the account is the fingerprint of the
 *  key that signs. Nothing is sealed on the vault's word alone. */
export async function knownAs(c: Client, who: string): Promise<string> {
  if (!isHash(who)) throw new Failure("refused", "this is not an account");
  const answer = await get(c, `/v1/introductions/${who}`, introduced);
  const key = foreign(c, answer.key);
  const rekeys = answer.rekeys ?? [];
  const from = held("recipient-swapped", () => key && author(lineageOf(c.vault, rekeys), key));
  if (key?.act !== "key" || key.issuer !== who || from !== who) throw new Failure("recipient-swapped");
  const last = rekeys.at(-1);
  const newest = last === undefined ? key : read(last);
  const recipient = newest.act === "key" || newest.act === "rekey" ? newest.body.recipient : "";
  if (!recipient.startsWith("age1pq1")) throw new Failure("classic");
  return recipient;
}

/** introduce says whether whoever knows this account may ask for its key: trustees need it. */
export async function introduce(c: Client, open: boolean): Promise<void> {
  await json(c, { method: "PUT", path: "/v1/introduction", body: { open }, signed: true, repeat: true }, object({ open: boolean }));
}

export const silenceShape = object({ notice_at: whole, release_at: whole });

const claimedPolicy = object({
  policy: string, recipient: maybe(string), silence: maybe(silenceShape),
  trustees: list(object({ account: string, answer: word(...trusteeAnswers), released: maybe(whole) })),
});
const page = object({ policies: list(claimedPolicy) });

/** listPolicies gives the policies on a testimony, oldest first. What trustees have answered and when is the vault's word;
 *  everything else was held against what she signed. */
export function listPolicies(c: Client, testimony: string): Promise<Policy[]> {
  return surely(c, async (h) => {
    const hers = testimonyOf(h, testimony);
    const all = await pages(c, `${pathOf(testimony)}/policies`, page, (p) => p.policies);
    const out = all.map((p) => verified(hers, p));
    if ([...hers.policies.keys()].some((policy) => !out.some((p) => p.policy === policy))) throw new Failure("withheld");
    return out;
  });
}

function verified(hers: TestimonyEntry, p: Of<typeof claimedPolicy>): Policy {
  const body = hers.policies.get(p.policy);
  if (body === undefined) throw new Failure("planted");
  const recipient = p.recipient ?? "";
  if (body.threshold > 0 && hashOf(recipient) !== body.recipient_sha256) throw new Failure("recipient-swapped");
  const same = p.trustees.length === body.trustees.length && p.trustees.every((t, i) => t.account === body.trustees[i]?.account);
  if (!same) throw new Failure("planted", "its trustees are not those you named");
  const trustees = p.trustees.map((t): Trustee => ({ account: t.account, answer: t.answer, released: t.released ?? 0 }));
  return { ...policyOf(p.policy, body), trustees, recipient: body.threshold > 0 ? recipient : "", noticeAt: p.silence?.notice_at ?? 0,
    releaseAt: p.silence?.release_at ?? 0 };
}

/** underPolicy is where grants under a policy are sealed to: the shared key or, where silence alone decides, the reader's. */
export async function underPolicy(c: Client, testimony: string, policy: string, to: string, reader: string): Promise<string> {
  if (policy === "") return reader;
  const p = (await listPolicies(c, testimony)).find((one) => one.policy === policy);
  if (p === undefined) throw new Failure("not-found");
  if (p.to !== to) throw new Failure("refused", "this policy is for another reader");
  return p.threshold === 0 ? reader : p.recipient;
}
