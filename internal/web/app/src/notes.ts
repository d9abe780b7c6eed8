// The participant's page. Her keys and what she is writing live in its memory only;
// views change without a reload.

import { button, el } from "./ui/el.ts";
import { watchExit } from "./ui/exit.ts";
import { loadTexts, t } from "./ui/texts.ts";
import { begin } from "./ui/view.ts";

watchExit();

async function main(): Promise<void> {
  await loadTexts("common", "start", "tell", "mine");
  await begin({
    title: t("notes.heading"),
    make: () => [el("div", { class: "choices" }, button(t("tell.begin"), () => undefined, "main"), button(t("mine.open"), () => undefined))],
  });
}

void main();
