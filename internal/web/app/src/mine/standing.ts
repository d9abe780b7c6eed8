// What holds for all she has: pauses, a silence that is noticed, and what happened to
// the account. It is shown first, because some of it wants an answer.

import type { Standing } from "../core/pauses.ts";
import { checkIn } from "../core/checkin.ts";
import { el, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { day } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { again } from "../ui/view.ts";
import { deed } from "./page.ts";

// standingNodes never keeps the list from being shown.
export async function standingNodes(load: () => Promise<Standing>): Promise<Child[]> {
  try {
    return told(await load());
  } catch (error) {
    return [fault(error)];
  }
}

function told(s: Standing): Child[] {
  const everything = s.pauses.find((p) => p.testimony === "");
  return [
    everything && box(t(everything.byCode ? "mine.standing.bycode" : "mine.standing.paused")),
    ...s.silences.map((one) => silence(one.releaseAt)),
    ...alarms(s),
  ];
}

function silence(releaseAt: number): HTMLElement {
  return el("div", { class: "fault" }, el("p", {}, t("mine.standing.silence", { day: day(releaseAt) })), here());
}

// here says that she is there: it ends a silence, and a claim that is not hers.
function here(): HTMLElement {
  return deed(t("mine.checkin"), async (c) => {
    await checkIn(c);
    await again();
  }, "main");
}

// "mine.notice.*": a claim on her words, and their recovery, are what she must not miss.
function alarms(s: Standing): HTMLElement[] {
  const grave = s.notices.filter((n) => n.kind === "claimed" || n.kind === "recovered");
  return grave.map((n) =>
    n.kind === "claimed"
      ? el("div", { class: "fault" }, el("p", {}, t("mine.notice.claimed", { day: day(n.day) })), here())
      : box(t("mine.notice.recovered", { day: day(n.day) })),
  );
}

function box(text: string): HTMLElement {
  return el("p", { class: "fault" }, text);
}
