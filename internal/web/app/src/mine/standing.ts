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
  const here = async (c: Parameters<typeof checkIn>[0]): Promise<void> => {
    await checkIn(c);
    await again();
  };
  return el("div", { class: "fault" }, el("p", {}, t("mine.standing.silence", { day: day(releaseAt) })), deed(t("mine.checkin"), here, "main"));
}

// "mine.notice.*": a claim on her words, and their recovery, are what she must not miss.
function alarms(s: Standing): HTMLElement[] {
  const grave = s.notices.filter((n) => n.kind === "claimed" || n.kind === "recovered");
  return grave.map((n) => box(t(n.kind === "claimed" ? "mine.notice.claimed" : "mine.notice.recovered", { day: day(n.day) })));
}

function box(text: string): HTMLElement {
  return el("p", { class: "fault" }, text);
}
