// It is stored. What was sent, where her words open it, who helps, and that there is
// nothing more she must do.

import { button, el } from "../ui/el.ts";
import { language } from "../ui/places.ts";
import { size } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { begin, type View } from "../ui/view.ts";
import { contentsOf } from "./send.ts";
import { stopKeeping } from "./keeper.ts";
import { kindsView } from "./kinds.ts";
import { actions, doing, onward } from "./step.ts";
import { forget, told } from "./story.ts";

/** sentView takes the story out of this page and its draft off the phone. */
export function sentView(): View {
  const contents = contentsOf(told());
  const bytes = contents.reduce((sum, { blob }) => sum + blob.size, 0);
  const { title, later } = told();
  forget();
  const wiped = stopKeeping();
  return {
    title: t("tell.sent.heading"),
    make: async () => {
      await wiped.catch(() => undefined);
      return make(title, contents.length, bytes, later === "yes");
    },
  };
}

function make(title: string, count: number, bytes: number, wants: boolean): Node[] {
  const mine = () => void import("./openmine.ts").then((m) => m.showMine());
  const more = () => void begin(kindsView());
  return [
    doing("tell.sent.do", "done"),
    el("p", {}, t("tell.sent.what", { count, size: size(bytes) }), title !== "" && " ", title !== "" && el("bdi", { dir: "auto" }, title)),
    el("p", {}, t("tell.sent.who")),
    el("p", {}, t("tell.sent.gone")),
    wants ? el("p", {}, t("tell.sent.wants")) : "",
    actions(wants ? onward(t("mine.open"), mine) : button(t("mine.open"), mine), button(t("tell.sent.more"), more)),
    el("p", {}, el("a", { href: `/${language()}/help` }, t("tell.sent.help"))),
    el("p", { class: "quiet" }, t("tell.sent.rest")),
  ].filter((n): n is HTMLElement => n instanceof HTMLElement);
}
