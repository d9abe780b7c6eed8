// Erasing a testimony for ever (in Go api/client/erase.go): headers, payloads, card, feed and the texts of the statements about
// it. She signs the list of holes that this tears into her chain, so nothing else can be hidden behind it.
import { post } from "./call.ts";
import { about, erasedHash } from "./chain.ts";
import type { Client } from "./client.ts";
import { testimonyOf } from "./known.ts";
import { pathOf } from "./address.ts";
import { acceptedMembers, sayWith } from "./say.ts";
import { boolean, maybe, object } from "./shape.ts";
import { saying } from "./statement.ts";
import { vaultInfo } from "./vault.ts";

const answer = object({ ...acceptedMembers, left: maybe(boolean) });

/** erase: left says that sealed bytes still lie in a place that did not answer; nothing serves or opens them, and the vault
 *  deletes them when it can. What readers had fetched stays with them; backups forget it within so many days. */
export async function erase(c: Client, testimony: string): Promise<{ left: boolean; backupsDays: number }> {
  let left = false;
  await sayWith(c, (h) => {
    testimonyOf(h, testimony);
    return saying("erase", { testimony, statements_sha256: erasedHash(about(h.chain, testimony)) });
  }, async (statement) => {
    const said = await post(c, `${pathOf(testimony)}/erasure`, { statement }, answer);
    left = said.left === true;
    return said;
  });
  return { left, backupsDays: (await vaultInfo(c)).erasure.backups_days };
}
