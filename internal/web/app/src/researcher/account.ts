// The reader's account on this page. What is remembered of it lives as long as the page.
import type { Client } from "../core/client.ts";
import { Failure } from "../core/failure.ts";
import type { Account } from "../ui/account.ts";
import { here } from "../ui/holder.ts";

/** account is the one that is open. It was held by ui/unlock.ts or by the making of words, which hold nothing else. */
export function account(): Account {
  const held = here();
  if (held === undefined) throw new Failure("no-keys");
  return held as Account;
}

/** mine is its client. */
export function mine(): Client {
  return account().client;
}
