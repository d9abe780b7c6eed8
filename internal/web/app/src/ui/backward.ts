// The way back as a button: not every phone has one, and not everybody knows where.

import { button, el } from "./el.ts";
import { t } from "./texts.ts";
import { back, first } from "./view.ts";

// backward is nothing where there is nothing to go back to.
export function backward(): HTMLElement[] {
  return first() ? [] : [el("div", { class: "actions" }, button(t("back"), back))];
}
