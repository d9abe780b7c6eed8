// The key of a grant that trustees had to release, made again from their shares (docs/protocol.md section 12; in Go
// api/client/sharedkey.go). Each share is held against the digest in her policy statement, so one false share neither spoils the
// key nor stays unknown: its trustee signed for it and is named.
import { bytesOf, hashOf } from "./names.ts";
import type { Bytes } from "./bytes.ts";
import { get } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, is } from "./failure.ts";
import type { VerifiedGrant } from "./inbox.ts";
import { author, lineageOf } from "./lineage.ts";
import { foreign } from "./roster.ts";
import { list, maybe, object, string, type Of } from "./shape.ts";
import type { StatementOf } from "./statement.ts";

export const vote = object({ account: string, statement: string, rekeys: maybe(list(string)), share: bytesOf });
export type Vote = Of<typeof vote>;
const answer = object({ policy: string, shares: list(vote) });

/** sharedKey gives the number of the key in the sealer; leave it after use. Codes: not-released, share-swapped, false-shares. */
export async function sharedKey(c: Client, found: VerifiedGrant): Promise<number> {
  const said = await released(c, found.received.grant);
  const policy = policyOf(c, found, said.policy);
  const [shares, accounts, wrong]: [Bytes[], string[], string[]] = [[], [], []];
  for (const v of said.shares) {
    const named = policy.body.trustees.find((t) => t.account === v.account);
    if (named === undefined || accounts.includes(v.account) || wrong.includes(v.account)) throw new Failure("share-swapped");
    checkVote(c, policy, v);
    const share = await opened(c, v.share, named.share_sha256);
    if (share === undefined) wrong.push(v.account);
    else {
      accounts.push(v.account);
      shares.push(share);
    }
  }
  try {
    if (shares.length < policy.body.threshold) throw new Failure("false-shares", "", { accounts: wrong });
    return await keysOf(c).join(shares.slice(0, policy.body.threshold), policy.body.recipient_sha256);
  } finally {
    for (const share of shares) share.fill(0);
  }
}

async function released(c: Client, grant: string): Promise<Of<typeof answer>> {
  try {
    return await get(c, `/v1/inbox/${grant}/shares`, answer);
  } catch (error) {
    throw is(error, "not-found") ? new Failure("not-released") : error;
  }
}

/** policyOf checks that a statement is the policy that the grant names, made by the one who granted, for this reader and key. */
function policyOf(c: Client, { received, statement, lineage }: VerifiedGrant, text: string): StatementOf<"policy"> {
  const s = foreign(c, text);
  const fits = s?.act === "policy" && s.id === received.policy && s.body.testimony === received.testimony &&
    s.body.grantee === statement.body.grantee && s.body.recipient_sha256 === statement.body.recipient_sha256;
  if (!fits || byWhom(() => author(lineage, s)) !== received.from) throw new Failure("grant-forged", "its policy is another one");
  return s;
}

/** checkVote makes sure that the file is the one that this trustee signed for, on this policy or claim: what is wrong with it is then
 *  the trustee's doing and not the vault's. */
export function checkVote(c: Client, on: { id: string; hash: string }, v: Vote): void {
  const s = foreign(c, v.statement);
  const fits = s?.act === "release" && s.body.of === on.id && s.body.of_sha256 === on.hash && s.body.sealed_sha256 === hashOf(v.share);
  if (!fits || byWhom(() => author(lineageOf(c.vault, v.rekeys ?? []), s)) !== v.account) throw new Failure("share-swapped");
}

function byWhom(find: () => string): string {
  try {
    return find();
  } catch {
    return "";
  }
}

/** opened gives a share if it is the one she had given out. */
export async function opened(c: Client, file: Bytes, digest: string): Promise<Bytes | undefined> {
  try {
    const { share } = await keysOf(c).openShare(file);
    return hashOf(share) === digest ? share : undefined;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
