// Whose words were given on this page. The keys themselves are in the worker; here is
// what speaks in their name. All of it is in memory: a reload, the idle lock and
// leaving end it, and nothing is left in the browser.

import type { Client } from "../core/client.ts";

// Held is an account that is open on this page.
export interface Held {
  readonly client: Client;
  /** end has the worker forget the keys. */
  end(): void;
}

let held: Held | undefined;
const watchers: (() => void)[] = [];

// here is the account that is open, or nothing.
export function here(): Held | undefined {
  return held;
}

// hold opens an account on this page; one that was open is closed first.
export function hold(account: Held): void {
  held?.end();
  held = account;
}

// lock closes it, and tells whoever shows something of it.
export function lock(): void {
  held?.end();
  held = undefined;
  for (const watcher of watchers) watcher();
}

// onLock has something done each time the account is closed: take away what is shown.
export function onLock(watcher: () => void): void {
  watchers.push(watcher);
}
