// What the vault says of itself. Its figures are its word; nothing of safety rests on them but its id, which must be the card's, and
// the keys of its receipts, which must follow from those that are known.
import { equal } from "./bytes.ts";
import type { Client } from "./client.ts";
import { json } from "./call.ts";
import { Failure } from "./failure.ts";
import { bytesOf } from "./names.ts";
import { believed, chainShape } from "./receiptkeys.ts";
import { boolean, list, maybe, object, string, whole, word, type Of } from "./shape.ts";
import { tell } from "./session.ts";

const shape = object({
  vault_id: string,
  practice: boolean,
  enrolment: word("open", "code", "partners"),
  on_arrival: boolean,
  limits: object({ json: whole, inline_payload: whole, payload: whole, parts: whole, parts_at_once: whole, testimonies: whole, account_bytes: whole }),
  erasure: object({ backups_days: whole }),
  receipt_keys: list(bytesOf),
  receipt_chain: maybe(chainShape),
  time: whole,
  canary: maybe(list(string)),
});
export type VaultInfo = Of<typeof shape>;

/** vault asks the vault about itself, compares its id with the card's, and sets the clock. Of the keys of receipts it believes those
 *  that follow from the kept one, or from what it heard before; of what the first answer names, it keeps all. */
export async function vault(c: Client): Promise<VaultInfo> {
  const sent = c.now();
  const said = await json(c, { method: "GET", path: "/v1/vault", repeat: true }, shape);
  if (said.vault_id !== c.vault) throw new Failure("wrong-vault");
  const known = c.info?.receipt_keys ?? [];
  const keys = believed(c.receiptKey ?? known[0], said);
  tell(c, sent, said.time);
  c.info = { ...said, receipt_keys: [...keys, ...known.filter((old) => !keys.some((key) => equal(key, old)))] };
  return c.info;
}

/** vaultInfo is vault, asked once. */
export async function vaultInfo(c: Client): Promise<VaultInfo> {
  return c.info ?? vault(c);
}

/** vaultIdAt asks a server which vault it speaks for: for the first visit, when there is no card yet. What it says is held
 *  against the card from then on, and against the roster, which must begin with a document of this id. */
export async function vaultIdAt(server: string, fetching: typeof fetch = fetch): Promise<string> {
  try {
    const response = await fetching(new URL("/v1/vault", server), { redirect: "error", credentials: "omit", cache: "no-store" });
    return object({ vault_id: string })(await response.json()).vault_id;
  } catch {
    throw new Failure("unavailable");
  }
}
