// Where what she is making is kept until it is sent, said plainly on the screens: in this
// phone, locked with her words; in this page only; or nowhere yet.

import { el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";

export type Keeping = "page" | "memory" | "phone";

let keeping: Keeping = "page";

export function keepingNow(): Keeping {
  return keeping;
}

export function keep(where: Keeping): void {
  keeping = where;
}

export function keptWhere(): HTMLElement {
  const words = { page: t("tell.kept.page"), memory: t("tell.kept.memory"), phone: t("tell.kept.phone") };
  return el("p", { class: "quiet kept" }, words[keeping]);
}
