// Stewards who used to say that no secret demand came, and have stopped. She is told
// before anything else, in few words, with what she can do.

import type { Canary } from "../core/canary.ts";
import { el, theirs, type Child } from "../ui/el.ts";
import { day } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";

// silenceNodes never keeps the list from being shown: a vault that does not answer here
// does not answer there either, and that is told there.
export async function silenceNodes(load: () => Promise<Canary>): Promise<Child[]> {
  try {
    return told(await load());
  } catch {
    return [];
  }
}

function told({ silent, refused }: Canary): Child[] {
  if (silent.length === 0 && refused === 0) return [];
  return [
    el(
      "div",
      { class: "fault" },
      ...silent.map((s) => el("p", {}, theirs(s.name), " ", t("mine.silence.since", { day: day(s.until) }))),
      refused > 0 && el("p", {}, t("mine.silence.false")),
      el("p", {}, t("mine.silence.then")),
    ),
  ];
}
