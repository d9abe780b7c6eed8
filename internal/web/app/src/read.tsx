import { render } from "preact";
import { watchExit } from "./ui/exit.ts";
import { loadTexts, t } from "./ui/texts.ts";

watchExit();

async function main(): Promise<void> {
  await loadTexts("common");
  const view = document.getElementById("view");
  if (view) render(<p>{t("nav.help")}</p>, view);
}

void main();
