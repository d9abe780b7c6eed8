// The names of readers, as stewards signed them. What nobody vouches for is not shown
// as a name: it is an account that nobody vouches for now.

import type { Client } from "../core/client.ts";
import { researcher, type Researcher } from "../core/readers.ts";
import { el, theirs } from "../ui/el.ts";
import { lastDay } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";

const known = new WeakMap<Client, Map<string, Promise<Researcher | undefined>>>();

export function readerOf(c: Client, account: string): Promise<Researcher | undefined> {
  const cache = known.get(c) ?? new Map<string, Promise<Researcher | undefined>>();
  known.set(c, cache);
  const found = cache.get(account) ?? researcher(c, account).catch(() => undefined);
  cache.set(account, found);
  return found;
}

// nameOf is for sentences.
export async function nameOf(c: Client, account: string): Promise<string> {
  const reader = await readerOf(c, account);
  return reader ? t("mine.reader.name", { name: reader.name, institution: reader.institution }) : t("mine.reader.nobody", { account: account.slice(0, 8) });
}

// card says who a reader is: what no steward signed is not on it.
export function card(r: Researcher): HTMLElement {
  const row = (name: string, value: Node | string): Node[] => [el("dt", {}, name), el("dd", {}, value)];
  return el(
    "dl",
    { class: "facts" },
    ...row(t("mine.reader.who"), theirs(r.name)),
    ...row(t("mine.reader.where"), theirs(r.institution)),
    ...row(t("mine.reader.why"), theirs(r.purpose)),
    ...row(t("mine.reader.vouched"), el("span", {}, ...r.vouched.flatMap((v, i) => (i === 0 ? [theirs(v)] : [", ", theirs(v)])))),
    ...row(t("mine.reader.until"), lastDay(r.until)),
    ...row(t("mine.reader.account"), fingerprint(r.account)),
  );
}

// fingerprint is an account, to be read out and compared.
export function fingerprint(account: string): HTMLElement {
  return el("code", { dir: "ltr", class: "fingerprint" }, account.replace(/(.{4})(?=.)/g, "$1 "));
}

// readAccount reads one that was typed or pasted, spaces and all.
export function readAccount(text: string): string | undefined {
  const account = text.replace(/\s/g, "");
  return /^[A-Za-z0-9_-]{43}$/.test(account) ? account : undefined;
}
