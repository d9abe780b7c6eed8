// Who opened what, and when: everything that happened to a testimony, newest first, and
// apart from it the attempts that were refused. It is the vault's word, and said so.

import type { Client } from "../core/client.ts";
import { feed, type Event } from "../core/feed.ts";
import { listGrants } from "../core/grants.ts";
import { hearings } from "../core/hearings.ts";
import { button, el } from "../ui/el.ts";
import { day, inDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { show, type View } from "../ui/view.ts";
import { nameOf } from "./names.ts";
import { actions, page } from "./page.ts";

const trustees = ["agreed", "declined", "voted"];

export function feedView(testimony: string): View {
  return page(t("mine.feed"), async (c) => {
    const { events: said, denied } = await feed(c, testimony);
    const events = await signed(c, testimony, said);
    const openings = events.filter((e) => e.kind === "opened");
    return [
      el("h2", {}, t("mine.feed.openings")),
      openings.length === 0 ? el("p", {}, t("mine.feed.noopenings")) : await list(c, openings),
      el("h2", {}, t("mine.feed.denied")),
      denied.length === 0 ? el("p", {}, t("mine.feed.nodenied")) : await list(c, denied),
      el("h2", {}, t("mine.feed.all")),
      await list(c, events),
      el("p", { class: "quiet" }, t("mine.feed.word")),
      actions(button(t("mine.menu.check"), () => void import("./check.ts").then((m) => show(m.checkView(c.knowsHead))))),
    ];
  });
}

// signed lets nobody tell her that she was heard but a reader who signed it. What no reader signed is shown as that.
async function signed(c: Client, testimony: string, events: Event[]): Promise<Event[]> {
  const says = (e: Event): boolean => e.kind === "replied" && hearings.some((word) => word === e.detail);
  if (!events.some(says)) return events;
  const grants = await listGrants(c, testimony);
  const holds = (e: Event): boolean => grants.some((g) => g.grant === e.grant && g.grantee === e.actor && g.heard === e.detail);
  return events.map((e) => (says(e) && !holds(e) ? { ...e, detail: "unsigned" } : e));
}

async function list(c: Client, events: readonly Event[]): Promise<HTMLElement> {
  const rows = [...events].reverse().map(async (e) => el("li", {}, await words(c, e), " ", el("span", { class: "quiet" }, when(e))));
  return el("ul", { class: "lines feed" }, ...(await Promise.all(rows)));
}

function when(e: Event): string {
  if (e.time !== undefined) return moment(e.time);
  return e.day === undefined ? "" : day(e.day);
}

// moment adds the time of day, in UTC as everything here, to what a reader did.
function moment(seconds: number): string {
  const at = new Date(seconds * 1000);
  const two = (n: number): string => String(n).padStart(2, "0");
  return t("mine.feed.moment", { day: day(seconds), time: inDigits(`${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`) });
}

// words: "mine.event.*". What readers and trustees did names them as stewards signed.
async function words(c: Client, e: Event): Promise<string> {
  const who = e.actor === c.account ? t("mine.you") : await actor(c, e);
  const values = { who, n: e.n ?? 0, count: e.times ?? 1 };
  if (e.kind === "denied") return t(e.n ? "mine.event.denied.part" : "mine.event.denied", values);
  if (e.kind === "opened" && e.detail === "export") return t("mine.event.exported", values);
  if (e.kind === "revoked" && e.n) return t("mine.event.revoked.part", values);
  if (e.kind === "replied" && e.detail === "unsigned") return t("mine.event.unsigned", values);
  if (e.kind === "replied" && e.detail === "heard") return t("mine.event.heard", values);
  if (e.kind === "replied" && e.detail === "thankful") return t("mine.event.thankful", values);
  if (e.kind === "replied" && e.detail === "with-care") return t("mine.event.with_care", values);
  if (e.kind === "mode") return t(e.detail === "evidence" ? "mine.event.mode.evidence" : "mine.event.mode.listening");
  return t(`mine.event.${e.kind}`, values);
}

async function actor(c: Client, e: Event): Promise<string> {
  if (!/^[A-Za-z0-9_-]{43}$/.test(e.actor)) return t(e.actor === "vault" ? "mine.actor.vault" : "mine.actor.somebody");
  return trustees.includes(e.kind) ? t("mine.actor.trustee", { account: e.actor.slice(0, 8) }) : nameOf(c, e.actor);
}
