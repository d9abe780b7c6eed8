// Who may open it. At storing time there is one true answer, and it is said: only she.
// Everything else (who, from which day, until when, in which words) is a permission that
// she gives later, one by one, under "what is mine"; nothing is ticked for her here.

import { el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { changed, told, type Later } from "./story.ts";
import { choice, choices, doing } from "./step.ts";

export function termsView(): View {
  return { title: t("tell.terms.heading"), make };
}

function make(): Node[] {
  const answer = (later: Later) => () => {
    told().later = later;
    changed();
    void import("./words.ts").then((m) => m.beforeSending());
  };
  return [
    doing("tell.terms.do", "keep"),
    el("p", {}, t("tell.terms.nobody")),
    el("h2", {}, t("tell.terms.can")),
    el("ul", {}, ...[t("tell.terms.who"), t("tell.terms.from"), t("tell.terms.until"), t("tell.terms.name"), t("tell.terms.ask")].map((w) => el("li", {}, w))),
    el("h2", { id: "question" }, t("tell.terms.question")),
    choices(
      choice("mine", t("tell.terms.yes"), answer("yes"), t("tell.terms.yeshint")),
      choice("keep", t("tell.terms.no"), answer("no"), t("tell.terms.nohint")),
      choice("again", t("tell.terms.notnow"), answer("notnow"), t("tell.terms.notnowhint")),
    ),
  ];
}
