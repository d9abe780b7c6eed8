// One grant: what its reader promised, what was opened, what the reader asks, and what
// she can do: end it, narrow it, renew it. Ending is first, one press and one question
// away, never further than giving was.

import type { Client } from "../core/client.ts";
import { refuseRequest, type Closure, type Delivered, type GrantDetail } from "../core/grants.ts";
import { showTestimony } from "../core/testimonies.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { day, size } from "../ui/numbers.ts";
import { lastDay, purposesWords, termsLines } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { again, show, type View } from "../ui/view.ts";
import { Failure } from "../core/failure.ts";
import { consentWords, sentence, stateWords } from "./access.ts";
import { card, nameOf, readerOf } from "./names.ts";
import { deed, page } from "./page.ts";
import { lines } from "./question.ts";

export function grantView(testimony: string, grant: string): View {
  return page(t("mine.grant"), async (c) => {
    const shown = await showTestimony(c, testimony);
    const g = shown.grants.find((one) => one.grant === grant);
    if (!g) throw new Failure("not-found");
    return [
      el("p", {}, el("strong", {}, await sentence(c, g))),
      el("p", {}, stateWords(g), " ", consentWords(g)),
      ...request(g),
      ...(await heard(c, g)),
      ...(g.revoked ? [] : changing(g)),
      el("h2", {}, t("mine.promised")),
      lines(termsLines(g.terms)),
      ...openings(g.openings),
      ...closures(g.closures),
      ...(await whoIs(c, g)),
    ];
  });
}

// heard is what the reader tells her, signed: the only words that reach her.
async function heard(c: Client, g: GrantDetail): Promise<Child[]> {
  if (g.heard === undefined) return [];
  const who = await nameOf(c, g.grantee);
  const key = g.heard === "heard" ? "mine.event.heard" : g.heard === "thankful" ? "mine.event.thankful" : "mine.event.with_care";
  return [el("p", { class: "notice" }, t(key, { who }))];
}

async function whoIs(c: Client, g: GrantDetail): Promise<Child[]> {
  const reader = await readerOf(c, g.grantee);
  return [el("h2", {}, t("mine.reader.heading")), reader ? card(reader) : el("p", {}, t("mine.reader.unvouched"))];
}

function changing(g: GrantDetail): Child[] {
  const change = (how: "renew" | "narrow") => (): void => void import("./change.ts").then((m) => show(m.changeView(g, how)));
  const end = (): void => void import("./revoke.ts").then((m) => show(m.revokeView(g)));
  const all = (): void => void import("./withdraw.ts").then((m) => show(m.withdrawView({ reader: g.grantee })));
  return [
    el(
      "div",
      { class: "choices" },
      button(t("mine.revoke"), end),
      button(t("mine.narrow"), change("narrow")),
      button(t("mine.renew"), change("renew")),
      button(t("mine.takeback.reader"), all),
    ),
  ];
}

// request is what the reader asks: yes, no and not now weigh the same, and none is owed.
function request(g: GrantDetail): Child[] {
  if (!g.asked) return answered(g);
  const refuse = deed(t("mine.no"), async (c) => {
    await refuseRequest(c, g.testimony, g.grant);
    await again();
  });
  const yes = button(t("mine.yes"), () => void import("./change.ts").then((m) => show(m.changeView(g, "renew"))));
  const later = button(t("mine.notnow"), () => void import("./later.ts").then((m) => show(m.laterView(g))));
  return [
    el("section", { class: "notice" },
      el("p", {}, t("mine.asks", { until: lastDay(g.asked.until), purposes: purposesWords(g.asked.purposes) })),
      el("p", { class: "quiet" }, t("mine.asks.free")),
      el("div", { class: "choices answers" }, yes, refuse, later)),
  ];
}

function answered(g: GrantDetail): Child[] {
  if (!g.answered) return [];
  if (g.answered.answer === "refused") return [el("p", {}, t("mine.said.no"))];
  return [el("p", {}, t("mine.said.notnow", { day: day(g.answered.until) }))];
}

// openings is exactly what had left, when.
export function openings(all: Delivered[]): Child[] {
  if (all.length === 0) return [el("h2", {}, t("mine.opened")), el("p", {}, t("mine.opened.none"))];
  return [el("h2", {}, t("mine.opened")), lines(all.map(openingWords))];
}

export function openingWords(o: Delivered): string {
  const values = { n: o.n, day: day(o.opened), size: size(o.bytes) };
  if (o.export) return t("mine.opened.exported", values);
  return t(o.complete ? "mine.opened.whole" : "mine.opened.some", values);
}

function closures(all: Closure[]): Child[] {
  return all.length === 0 ? [] : [el("h2", {}, t("mine.closures")), el("ul", { class: "lines" }, ...all.map((one) => el("li", {}, ...closureNodes(one))))];
}

// closureNodes says how the reader answers to the end: "mine.closure.*". The reason is
// the reader's own text.
export function closureNodes(one: Closure): Child[] {
  const words = t(`mine.closure.${one.state}`, { day: day(one.day), due: day(one.due) });
  const notes = one.notes === undefined || one.notes === 0 ? false : el("p", { class: "quiet" }, t("mine.closure.notes", { count: one.notes }));
  return [words, notes, one.reply?.reason ? el("blockquote", {}, theirs(one.reply.reason)) : false];
}
