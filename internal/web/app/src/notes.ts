// The participant's page. Her keys and what she is telling live in its memory only; views
// change without a reload. What is needed for a first text comes with the page, the rest
// when it is asked for.

import "./app.ts";
import { beReady } from "./ui/account.ts";
import { watchExit } from "./ui/exit.ts";
import { onLock } from "./ui/holder.ts";
import { loadTexts, t } from "./ui/texts.ts";
import { begin, show, type View } from "./ui/view.ts";
import { beforeTelling } from "./tell/words.ts";
import { choice, choices } from "./tell/step.ts";
import { sealStory } from "./tell/lock.ts";

watchExit();

function home(): View {
  return {
    title: t("notes.heading"),
    make: () => [
      choices(
        choice("speak", t("tell.begin"), tell, "", "main"),
        choice("mine", t("mine.open"), () => void openMine()),
        choice("again", t("tell.goon"), () => void goOn(), t("tell.goonhint")),
      ),
    ],
  };
}

// What comes last is fetched while she tells: then nothing is waited for.
function tell(): void {
  void beforeTelling();
  void Promise.all([loadTexts("unlock"), import("./tell/terms.ts"), import("./tell/sending.ts")]).catch(() => undefined);
}

async function openMine(): Promise<void> {
  const { showMine } = await import("./tell/openmine.ts");
  await showMine();
}

async function goOn(): Promise<void> {
  const [{ carryOn }] = await Promise.all([import("./tell/carryon.ts"), loadTexts("making")]);
  await show(await carryOn());
}

async function main(): Promise<void> {
  await loadTexts("common", "tell");
  onLock(() => {
    sealStory();
    void begin(home());
  });
  await begin(home());
  beReady();
}

void main();
