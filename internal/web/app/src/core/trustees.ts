// The trustee's side (docs/protocol.md section 12; in Go api/client/trustee.go): policies that name this account, the own share in
// them, and the vote. Each policy is held against its maker's statement, the file against the digest in it, and what is in the
// file, too, or it would be worth nothing when it is needed. A vote that the vault opens before its time is refused.
import type { Bodies } from "./bodies.ts";
import { base64url, type Bytes } from "./bytes.ts";
import { post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held } from "./failure.ts";
import { history } from "./history.ts";
import { author, lineageOf } from "./lineage.ts";
import { bytesOf, hashOf } from "./names.ts";
import { pages } from "./pages.ts";
import { silenceShape, trusteeAnswers, type Trustee } from "./policies.ts";
import { recordOf } from "./readers.ts";
import { foreign } from "./roster.ts";
import { accepted, sayOne, sayWith } from "./say.ts";
import { time } from "./session.ts";
import { boolean, list, maybe, object, string, word, type Of } from "./shape.ts";
import { saying, type StatementOf } from "./statement.ts";
import { day } from "./terms.ts";

/** What a trustee sees. With doubt only policy is to be believed. */
export interface Trust {
  policy: string;
  of: string; // who named this trustee
  to: string; // the reader
  testimony: string;
  threshold: number;
  trustees: string[];
  silence: number; // days; 0 where it plays no part
  wait: number;
  note: string; // from the opened share, in her words
  answer: Trustee["answer"]; // the vault's word
  open: boolean; // whether the vote is, now
  releaseAt: number; // when the vote opens if she stays silent; 0 for not known
  doubt?: Failure; // trust-forged, share-swapped, old-share (which can still be declined)
}

const claimed = object({
  policy: string, statement: string, rekeys: maybe(list(string)), share: bytesOf, answer: word(...trusteeAnswers), open: boolean,
  silence: maybe(silenceShape),
});
type Claimed = Of<typeof claimed>;
const page = object({ trusts: list(claimed) });

function claims(c: Client): Promise<Claimed[]> {
  keysOf(c);
  return pages(c, "/v1/trusts", page, (p) => p.trusts);
}

/** trusts lists the policies that name this account. */
export async function trusts(c: Client): Promise<Trust[]> {
  await history(c); // says whose account these keys are
  const out: Trust[] = [];
  for (const a of await claims(c)) out.push(await trustOf(c, a));
  return out;
}

async function trustOf(c: Client, a: Claimed): Promise<Trust> {
  const bare: Trust = { policy: a.policy, of: "", to: "", testimony: "", threshold: 0, trustees: [], silence: 0, wait: 0, note: "",
    answer: a.answer, open: a.open, releaseAt: a.silence?.release_at ?? 0 };
  try {
    const named = namedIn(c, a);
    const { note, share } = await ownShare(c, named.statement.body, a.share);
    share.fill(0);
    const { body } = named.statement;
    return { ...bare, of: named.from, to: body.grantee, testimony: body.testimony, threshold: body.threshold, note,
      trustees: body.trustees.map((t) => t.account), silence: body.silence / day, wait: body.wait / day };
  } catch (doubt) {
    if (doubt instanceof Failure) return { ...bare, doubt };
    throw doubt;
  }
}

interface Named {
  statement: StatementOf<"policy">;
  from: string;
}

/** namedIn is a policy that names this account, by its maker's statement alone. */
function namedIn(c: Client, a: Claimed): Named {
  const s = foreign(c, a.statement);
  if (s?.act !== "policy" || s.id !== a.policy) throw new Failure("trust-forged", "its statement is of something else");
  const from = held("trust-forged", () => author(lineageOf(c.vault, a.rekeys ?? []), s));
  if (!s.body.trustees.some((t) => t.account === c.account)) throw new Failure("trust-forged", "it names somebody else");
  return { statement: s, from };
}

/** ownShare opens the trustee's own share against what was signed for. */
async function ownShare(c: Client, body: Readonly<Bodies["policy"]>, file: Bytes): Promise<{ share: Bytes; note: string }> {
  const keys = keysOf(c);
  const mine = body.trustees.find((t) => t.account === c.account);
  if (mine?.recipient_sha256 !== hashOf(keys.recipient)) throw new Failure("old-share");
  if (hashOf(file) !== mine.sealed_sha256) throw new Failure("share-swapped");
  const card = await keys.openShare(file);
  const fits = card.threshold === body.threshold && card.of === body.trustees.length && hashOf(card.share) === mine.share_sha256;
  if (!fits) throw new Failure("trust-forged", "the share or what is beside it is not what was signed for");
  return { share: card.share, note: card.note.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, " ") };
}

async function claimOf(c: Client, policy: string): Promise<Claimed> {
  await history(c);
  const found = (await claims(c)).find((a) => a.policy === policy);
  if (found === undefined) throw new Failure("not-found");
  return found;
}

/** answerTrust tells her. Declining takes a vote back and needs no share: whoever cannot open it has the more reason to say so. */
export async function answerTrust(c: Client, policy: string, answer: "agreed" | "declined"): Promise<void> {
  const a = await claimOf(c, policy);
  const { statement } = namedIn(c, a);
  if (answer === "agreed") (await ownShare(c, statement.body, a.share)).share.fill(0);
  await sayOne(c, `/v1/trusts/${policy}/answers`, () => saying("trust", { of: statement.id, of_sha256: statement.hash, answer }));
}

/** release is this trustee's vote to let the reader in: the share, sealed anew to the reader whom her statement names. */
export async function release(c: Client, policy: string): Promise<void> {
  const a = await claimOf(c, policy);
  const { statement } = namedIn(c, a);
  const { body } = statement;
  mayVote(c, a, statement);
  const to = await readerNamed(c, body.grantee);
  const { share } = await ownShare(c, body, a.share);
  try {
    const file = await keysOf(c).sealShare({ share, threshold: body.threshold, of: body.trustees.length, note: "" }, to);
    await sayWith(c, () => saying("release", { of: statement.id, of_sha256: statement.hash, sealed_sha256: hashOf(file) }), (said) =>
      post(c, `/v1/trusts/${policy}/releases`, { statement: said, share: base64url(file) }, accepted));
  } finally {
    share.fill(0);
  }
}

/** mayVote: her policy statement is itself an act of hers, so whatever the vault says, silence counts from its day at the earliest. */
function mayVote(c: Client, a: Claimed, { issuedAt, body }: StatementOf<"policy">): void {
  if (a.answer === "declined") throw new Failure("refused", "you have declined: agree first");
  if (!a.open) throw new Failure("refused", "the vote is not open");
  if (body.silence > 0 && time(c) < issuedAt + day + body.silence + body.wait) throw new Failure("too-early");
}

/** readerNamed is the recipient of an account, by that account's own signature. */
async function readerNamed(c: Client, account: string): Promise<string> {
  const key = foreign(c, (await recordOf(c, account)).key);
  if (key?.act !== "key" || key.issuer !== account || key.body.role !== "researcher") throw new Failure("recipient-swapped");
  if (!key.body.recipient.startsWith("age1pq1")) throw new Failure("classic");
  return key.body.recipient;
}
