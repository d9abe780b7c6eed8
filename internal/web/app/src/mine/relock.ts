// Locking a part anew: for when a key may be in wrong hands. What somebody has fetched already stays with them: that is said before.

import { relock } from "../core/relock.ts";
import type { PartDetail, Shown } from "../core/testimonies.ts";
import { backward } from "../ui/backward.ts";
import { el } from "../ui/el.ts";
import { stayAwake } from "../ui/lock.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { deed, mark } from "./page.ts";
import { settled } from "./question.ts";

export function relockView(shown: Shown, part: PartDetail): View {
  let stop = new AbortController();
  const home = mark();
  const make = (): Node[] => {
    stop = new AbortController();
    const { signal } = stop;
    const room = el("div", {});
    const act = deed(t("mine.relock.yes"), async (c) => {
      const bar = el("progress", { max: part.length, value: 0, "aria-label": t("mine.relock.going") });
      room.replaceChildren(bar);
      const rest = stayAwake();
      try {
        const carried = await relock(c, shown.testimony, part.n, { signal, watch: (arrived) => { bar.value = arrived; } });
        await settled(t("mine.relock.done"), [el("p", {}, t("mine.relock.readers", { count: carried.length }))], home);
      } finally {
        room.replaceChildren();
        rest();
      }
    }, "main");
    return [el("p", {}, t("mine.relock.what")), el("p", {}, t("mine.relock.stays")), el("p", {}, t("mine.relock.vouched")), act, room, ...backward()];
  };
  return { title: t("mine.relock"), make, leave: () => stop.abort() };
}
