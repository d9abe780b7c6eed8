// Who has access to a testimony, a sentence each: reader, parts, until when, and how it
// stands. The terms are those she signed; the state is the vault's word.

import type { Client } from "../core/client.ts";
import type { GrantDetail } from "../core/grants.ts";
import { showTestimony, type Shown } from "../core/testimonies.ts";
import { button, el, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { day, inDigits } from "../ui/numbers.ts";
import { attributionWords, lastDay, partsWords, purposesWords } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { show, type View } from "../ui/view.ts";
import { grantView } from "./grant.ts";
import { nameOf } from "./names.ts";
import { actions, page } from "./page.ts";

export function accessView(testimony: string): View {
  return page(t("mine.access.heading"), async (c) => {
    const shown = await showTestimony(c, testimony);
    const doubt = shown.doubt ?? shown.details.find((d) => d.doubt)?.doubt;
    const open = shown.grants.filter((g) => !g.revoked);
    const over = shown.grants.filter((g) => g.revoked);
    return [
      doubt && fault(doubt),
      open.length === 0 && el("p", {}, t("mine.access.nobody")),
      await entries(c, shown, open),
      actions(button(t("mine.give"), () => void import("./give.ts").then((m) => show(m.chooseReader(testimony))), "main")),
      over.length > 0 && el("h2", {}, t("mine.access.over")),
      over.length > 0 && (await entries(c, shown, over)),
    ];
  });
}

async function entries(c: Client, shown: Shown, grants: GrantDetail[]): Promise<HTMLElement> {
  const rows = grants.map(async (g) => el("li", {}, ...(await entry(c, shown, g))));
  return el("ul", { class: "choices" }, ...(await Promise.all(rows)));
}

async function entry(c: Client, shown: Shown, g: GrantDetail): Promise<Child[]> {
  const texts = [await sentence(c, g), stateWords(g), opened(g), g.asked && t("mine.asks.short")];
  const [first, ...more] = texts.filter((x): x is string => x !== undefined);
  const open = (): void => void show(grantView(shown.testimony, g.grant));
  return [el("button", { type: "button", class: "entry", onclick: open }, el("strong", {}, first), ...more.map((m) => el("span", { class: "quiet" }, m)))];
}

// sentence says who, what, what for and how it may be repeated.
export async function sentence(c: Client, g: GrantDetail): Promise<string> {
  const who = await nameOf(c, g.grantee);
  const values = { who, parts: partsWords(g.parts, (n) => inDigits(String(n))), purposes: purposesWords(g.terms.purposes) };
  return t("mine.access.sentence", { ...values, attribution: attributionWords(g.terms.attribution) });
}

function opened(g: GrantDetail): string {
  return t("mine.access.opened", { count: g.openings.length });
}

// stateWords: "mine.state.*"
export function stateWords(g: GrantDetail): string {
  return t(`mine.state.${g.state}`, { from: day(g.terms.from), until: lastDay(g.terms.until) });
}

// consentWords: "mine.consent.*"
export function consentWords(g: GrantDetail): string {
  return t(`mine.consent.${g.consent}`);
}
