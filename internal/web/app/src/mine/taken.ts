// What she has taken back, how each reader answers, and the vault's signed word for it.

import type { Client } from "../core/client.ts";
import { withdrawals, type Withdrawal } from "../core/withdrawals.ts";
import { el, type Child } from "../ui/el.ts";
import { day, inDigits } from "../ui/numbers.ts";
import { partsWords } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { closureNodes, openingWords } from "./grant.ts";
import { nameOf } from "./names.ts";
import { page } from "./page.ts";
import { lines } from "./question.ts";
import { saveNodes } from "./save.ts";

export function takenView(): View {
  return page(t("mine.menu.taken"), async (c) => {
    const [all, partners] = [await withdrawals(c), await (await import("./returned.ts")).returnedNodes(c)];
    if (all.length === 0) return partners.length === 0 ? [el("p", {}, t("mine.taken.none"))] : partners;
    return [...(await Promise.all([...all].reverse().map((one) => goneNodes(c, one)))), el("p", { class: "quiet" }, t("mine.taken.promise")), ...partners];
  });
}

// goneNodes is one ended grant: whom, which parts, what had been fetched, the answer.
export async function goneNodes(c: Client, w: Withdrawal): Promise<HTMLElement> {
  const who = await nameOf(c, w.reader);
  const heading = t("mine.taken.one", { who, parts: partsWords(w.parts, (n) => inDigits(String(n))), day: day(w.day) });
  return el("section", { class: "gone" }, el("h2", {}, heading), ...fetched(w), el("div", {}, ...closureNodes(w)), receipt(w));
}

function fetched(w: Withdrawal): Child[] {
  if (w.said.fetched.length === 0) return [el("p", {}, t("mine.opened.none"))];
  return [lines(w.said.fetched.map((o) => openingWords(o)))];
}

function receipt(w: Withdrawal): HTMLElement {
  return saveNodes(t("mine.receipt"), t("mine.receipt.warning"), () => ["receipt.txt", new Blob([w.receipt, "\n"], { type: "text/plain" })]);
}
