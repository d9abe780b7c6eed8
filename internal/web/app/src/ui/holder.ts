// Whose words were given on this page. The keys themselves are in the worker; here is
// what speaks in their name. All of it is in memory: a reload, the idle lock and
// leaving end it, and nothing is left in the browser.

import type { Client } from "../core/client.ts";
import { Failure } from "../core/failure.ts";

// Held is an account that is open on this page.
export interface Held {
  readonly client: Client;
  /** end has the worker forget the keys. */
  end(): void;
}

let held: Held | undefined;
const watchers: ((coming?: Held) => void)[] = [];

// here is the account that is open, or nothing.
export function here(): Held | undefined {
  return held;
}

// hold opens an account on this page. One that was open is locked first, with all that
// belongs to it: what was begun with some words is not shown, kept or sent with others.
// One that a lock has ended meanwhile stays closed.
export function hold(account: Held): void {
  if (held && held !== account) close(account);
  if (account.client.over?.aborted === true) throw new Failure("stopped");
  held = account;
}

// lock closes it, and tells whoever shows something of it.
export function lock(): void {
  close();
}

// close may make room for another account that is coming.
function close(coming?: Held): void {
  held?.end();
  held = undefined;
  for (const watcher of watchers) watcher(coming);
}

// onLock has something done each time the account is closed: take away what is shown.
export function onLock(watcher: (coming?: Held) => void): void {
  watchers.push(watcher);
}
