// Pausing everything, and the code by which somebody she trusts can do it for her.

import { endPauseCode, lift, newPauseCode, pause, standing, type Standing } from "../core/pauses.ts";
import { backward } from "../ui/backward.ts";
import { el, type Child } from "../ui/el.ts";
import { inDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { again, show, type View } from "../ui/view.ts";
import { deed, page } from "./page.ts";

export function pausesView(): View {
  return page(t("mine.menu.pause"), async (c) => {
    const s = await standing(c);
    return [...everything(s), ...code(s)];
  });
}

function everything(s: Standing): Child[] {
  const paused = s.pauses.find((p) => p.testimony === "");
  const turn = deed(t(paused ? "mine.lift.all" : "mine.pause.all"), async (c) => {
    await (paused ? lift : pause)(c, "");
    await again();
  }, "main");
  const how = paused ? t(paused.byCode ? "mine.standing.bycode" : "mine.standing.paused") : t("mine.standing.free");
  return [el("p", {}, el("strong", {}, how)), el("p", {}, t(paused ? "mine.lift.means" : "mine.pause.means")), turn];
}

function code(s: Standing): Child[] {
  const make = deed(t(s.pauseCode ? "mine.code.another" : "mine.code.make"), async (c) => {
    await show(codeView(await newPauseCode(c), c.vault));
  });
  const end = deed(t("mine.code.end"), async (c) => {
    await endPauseCode(c);
    await again();
  });
  return [
    el("h2", {}, t("mine.code.heading")),
    el("p", {}, t("mine.code.why")),
    el("p", {}, t(s.pauseCode ? "mine.code.there" : "mine.code.none")),
    make,
    s.pauseCode && end,
  ];
}

// codeView shows the code this once. It is forgotten as soon as she leaves the view.
function codeView(code: string, vault: string): View {
  let shown: string | undefined = code;
  return {
    title: t("mine.code.heading"),
    make: () =>
      shown === undefined
        ? [el("p", {}, t("mine.code.gone")), ...backward()]
        : [
            el("p", {}, t("mine.code.write")),
            el("p", { class: "code" }, inDigits(shown)),
            el("p", {}, t("mine.code.once")),
            el("dl", { class: "facts" }, el("dt", {}, t("mine.code.where")), el("dd", { dir: "ltr" }, location.origin), el("dt", {}, t("mine.code.vault")), el("dd", {}, el("code", { dir: "ltr" }, vault))),
            ...backward(),
          ],
    leave: () => {
      shown = undefined;
    },
  };
}
