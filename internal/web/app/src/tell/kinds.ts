// Speak, write or add files: three ways, as often as she likes, in any order.

import { el } from "../ui/el.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { show, type View } from "../ui/view.ts";
import { reviewView } from "./review.ts";
import { isEmpty, told } from "./story.ts";
import { actions, choice, choices, doing, onward } from "./step.ts";
import { keptWhere } from "./keeping.ts";
import { writeView } from "./write.ts";

export function kindsView(): View {
  return { title: t("tell.kinds.heading"), make };
}

function make(): Node[] {
  const speak = () => void Promise.all([import("./speak.ts"), loadTexts("making")]).then(([m]) => show(m.speakView()));
  const files = () => void Promise.all([import("./files.ts"), loadTexts("making")]).then(([m]) => show(m.filesView()));
  return [
    doing("tell.kinds.do", "speak"),
    choices(
      choice("speak", t("tell.kinds.speak"), speak, t("tell.kinds.speakhint")),
      choice("write", t("tell.kinds.write"), () => void show(writeView()), t("tell.kinds.writehint")),
      choice("files", t("tell.kinds.files"), files, t("tell.kinds.fileshint")),
    ),
    keptWhere(),
    ...(isEmpty() ? [] : [actions(onward(t("tell.kinds.review", { count: told().parts.length }), () => void show(reviewView())))]),
    el("p", { class: "quiet" }, t("tell.kinds.child")),
  ];
}
