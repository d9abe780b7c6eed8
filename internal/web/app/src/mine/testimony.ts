// One of her testimonies: its parts, and everything that can be done with it.

import { pause, lift } from "../core/pauses.ts";
import { onlyListen, showTestimony, type PartDetail, type Shown } from "../core/testimonies.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { fault, faultText } from "../ui/fault.ts";
import { isolated } from "../ui/isolated.ts";
import { day, size } from "../ui/numbers.ts";
import { listed } from "../ui/terms.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { again, show, type View } from "../ui/view.ts";
import { accessView } from "./access.ts";
import { assuranceWords } from "./broughtwords.ts";
import type { Doomed } from "./erase.ts";
import { feedView } from "./feed.ts";
import { actions, deed, page, place } from "./page.ts";
import { partView } from "./part.ts";

export function testimonyView(testimony: string, title?: string): View {
  return page(title ? isolated(title) : t("mine.untitled"), async (c) => {
    const shown = await showTestimony(c, testimony).catch((error: unknown) => error);
    if (!isShown(shown)) return doubted(testimony, title ?? "", shown);
    if (shown.details.some((part) => part.brought)) await loadTexts("trays");
    return [
      shown.doubt && fault(shown.doubt),
      el("p", { class: "quiet" }, t("mine.since", { day: day(shown.day) })),
      ...warnings(shown),
      shown.paused && el("p", { class: "fault" }, t("mine.list.paused")),
      ...evidence(shown),
      parts(shown),
      shown.unfinished && unfinishedPlace(testimony),
      ...access(shown),
      ...rest(shown),
    ];
  });
}

function isShown(found: unknown): found is Shown {
  return typeof found === "object" && found !== null && "details" in found;
}

// doubted is what is left when the vault's answer cannot be shown: whatever takes
// something back works without it.
function doubted(testimony: string, title: string, error: unknown): Child[] {
  return [
    fault(error),
    el(
      "div",
      { class: "choices" },
      button(t("mine.again"), () => void again()),
      deed(t("mine.pause.one"), (c) => pause(c, testimony)),
      ...restricting({ testimony, title, parts: 0, opened: true }),
    ),
  ];
}

function restricting(one: Doomed): Child[] {
  const { testimony } = one;
  return [
    button(t("mine.takeback.one"), () => void import("./withdraw.ts").then((m) => show(m.withdrawView({ testimony })))),
    button(t("mine.erase"), () => void import("./erase.ts").then((m) => show(m.eraseView(one))), "danger"),
  ];
}

function warnings(shown: Shown): Child[] {
  const found = shown.card?.warnings ?? [];
  return found.length === 0 ? [] : [el("p", {}, t("mine.warnings", { list: listed(found) }))];
}

// evidence can be left here at any time. It is begun at the command line only, where its
// warning is shown and asked: this page never stores when or where a part was made.
function evidence(shown: Shown): Child[] {
  if (!shown.evidence) return [];
  const back = deed(t("mine.evidence.back"), async (c) => {
    await onlyListen(c, shown.testimony);
    await again();
  });
  return [el("div", { class: "notice" }, el("p", {}, t("mine.evidence")), back)];
}

function parts(shown: Shown): HTMLElement {
  const rows = shown.details.map((part) => el("li", {}, partRow(shown, part)));
  return rows.length === 0 ? el("p", {}, t("mine.noparts")) : el("ul", { class: "choices" }, ...rows);
}

function partRow(shown: Shown, part: PartDetail): HTMLElement {
  const name = part.label === "" ? t("mine.part", { n: part.n }) : el("span", {}, t("mine.part", { n: part.n }), ": ", theirs(part.label));
  const open = (): void => void show(partView(shown, part));
  return el("button", { type: "button", class: "entry", onclick: open }, el("strong", {}, name), el("span", { class: "quiet" }, about(part)), ...partStates(part));
}

// "mine.kind.*"
export function about(part: PartDetail): string {
  if (!part.link) return size(part.length);
  return t("mine.derived", { kind: t(`mine.kind.${part.link.kind}`), from: part.link.from, size: size(part.length) });
}

export function partStates(part: PartDetail): HTMLElement[] {
  const states: HTMLElement[] = [];
  if (part.brought) states.push(el("span", { class: "how" }, t("trays.brought"), " ", assuranceWords(part.brought)));
  else if (part.arrived) states.push(state(t(part.adopted ? "mine.part.adopted" : "mine.part.arrived")));
  if (part.damaged) states.push(state(t("mine.part.damaged")));
  if (part.doubt) states.push(state(faultText(part.doubt)));
  return states;
}

function state(text: string): HTMLElement {
  return el("span", { class: "state" }, text);
}

function unfinishedPlace(testimony: string): HTMLElement {
  return place(async (c) => (await import("./unfinished.ts")).unfinishedNodes(c, testimony));
}

function access(shown: Shown): Child[] {
  const open = shown.grants.filter((g) => !g.revoked);
  const asked = open.filter((g) => g.asked).length;
  return [
    el("h2", {}, t("mine.access.heading")),
    el("p", {}, open.length === 0 ? t("mine.access.nobody") : t("mine.access.count", { count: open.length })),
    asked > 0 && el("p", { class: "notice" }, t("mine.access.asked", { count: asked })),
    actions(
      button(t("mine.access.see"), () => void show(accessView(shown.testimony))),
      button(t("mine.give"), () => void import("./give.ts").then((m) => show(m.chooseReader(shown.testimony)))),
      button(t("mine.feed"), () => void show(feedView(shown.testimony))),
    ),
  ];
}

function rest(shown: Shown): Child[] {
  const { testimony } = shown;
  const turn = async (c: Parameters<typeof pause>[0]): Promise<void> => {
    await (shown.paused ? lift : pause)(c, testimony);
    await again();
  };
  return [
    el("h2", {}, t("mine.more")),
    el(
      "div",
      { class: "choices" },
      deed(t(shown.paused ? "mine.lift.one" : "mine.pause.one"), turn),
      button(t("mine.policies"), () => void import("./policies.ts").then((m) => show(m.policiesView(testimony)))),
      shown.card && button(t("mine.edit"), () => void import("./card.ts").then((m) => show(m.cardView(shown)))),
      ...restricting({ testimony, title: shown.card?.title ?? "", parts: shown.details.length, opened: shown.grants.some((g) => g.openings.length > 0) }),
    ),
  ];
}
