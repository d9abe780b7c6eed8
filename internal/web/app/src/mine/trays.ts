// What others brought her, and who may bring her something. Nothing here is hers before she has looked at it and taken it. What nobody
// vouches for is shown as that: it can be refused, and not opened.

import type { Client } from "../core/client.ts";
import { items, type Item } from "../core/items.ts";
import { closeTray, trays, type Tray } from "../core/trays.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { faultText } from "../ui/fault.ts";
import { day, size } from "../ui/numbers.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { lastDay } from "../ui/terms.ts";
import { again, show, type View } from "../ui/view.ts";
import { assuranceWords, partnerName } from "./broughtwords.ts";
import { deed, page } from "./page.ts";

export async function traysView(): Promise<View> {
  await loadTexts("trays");
  return page(t("mine.menu.brought"), async (c) => {
    const [waiting, places] = [await items(c), await trays(c)];
    return [
      el("p", {}, t("trays.why")),
      el("h2", {}, t("trays.waiting")),
      waiting.length === 0 ? el("p", {}, t("trays.nothing")) : el("ul", { class: "choices" }, ...waiting.map((one) => el("li", {}, entry(one)))),
      el("h2", {}, t("trays.places")),
      places.length === 0 && el("p", {}, t("trays.noplaces")),
      ...(await Promise.all(places.map((one) => section(c, one)))),
      button(t("trays.open"), () => void import("./opentray.ts").then((m) => show(m.openTrayView()))),
    ];
  });
}

function entry(one: Item): HTMLElement {
  const open = (): void => void import("./item.ts").then((m) => show(m.itemView(one)));
  const who = one.name === "" ? t("trays.unnamed") : theirs(one.name);
  const about: Child[] = one.doubt
    ? [el("span", { class: "state" }, faultText(one.doubt))]
    : [el("span", { class: "quiet" }, t("trays.about", { day: day(one.day), size: size(one.length) })), el("span", { class: "how" }, assuranceWords(one)),
       one.doubted && el("span", { class: "state" }, t("trays.stopped"))];
  return el("button", { type: "button", class: "entry", onclick: open }, el("strong", {}, one.doubt ? t("trays.doubtful") : who), ...about);
}

async function section(c: Client, one: Tray): Promise<HTMLElement> {
  const close = deed(t("trays.close"), async (account) => {
    await closeTray(account, one.tray);
    await again();
  });
  const until = one.closed ? t("trays.closed") : t("trays.openuntil", { until: lastDay(one.until) });
  return el("section", { class: "reader" },
    el("h3", {}, await partnerName(c, one.partner)),
    el("p", {}, t("trays.since", { day: day(one.day) }), " ", until, " ", t("trays.count", { count: one.items })),
    !one.closed && el("p", { class: "quiet" }, t("trays.closemeans")),
    !one.closed && close);
}
