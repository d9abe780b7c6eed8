// A question before something is signed: exactly what will be signed, and three answers
// of equal weight. Leaving the page is no answer and signs nothing.

import { button, el, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { here } from "../ui/holder.ts";
import { t } from "../ui/texts.ts";
import { back, replace, show, type View } from "../ui/view.ts";
import { actions, Declined } from "./page.ts";

type Answer = "yes" | "no" | "not-now" | "left";

// ask shows the question and resolves when she has said yes; otherwise it throws
// Declined: "no" has gone home, "not now" back to where her choices still stand.
export async function ask(title: string, what: Child[], home: () => void): Promise<void> {
  const answer = await new Promise<Answer>((resolve) => {
    void show(questionView(title, what, resolve));
  });
  if (answer === "yes") return;
  if (answer === "no") home();
  if (answer === "not-now") back();
  throw new Declined(answer);
}

function questionView(title: string, what: Child[], answered: (answer: Answer) => void): View {
  const waiting = el("p", { class: "quiet", "aria-live": "polite" });
  const choices = el("div", { class: "choices answers", role: "group", "aria-label": title });
  const say = (answer: Answer) => (): void => {
    answered(answer);
    if (answer === "yes") {
      waiting.textContent = t("mine.moment");
      choices.remove();
    }
  };
  choices.append(button(t("mine.yes"), say("yes")), button(t("mine.no"), say("no")), button(t("mine.notnow"), say("not-now")));
  return { title, make: () => [...what.filter((c): c is Node => c instanceof Node), choices, waiting], leave: () => answered("left") };
}

// settled shows the end of something that was asked: done, or why not. It takes the
// place of the question, so that Back does not ask again.
export async function settled(title: string, what: Child[], home: () => void): Promise<void> {
  if (!here()) return; // locked meanwhile: nobody is told any more
  const done = button(t("mine.done"), home, "main");
  await replace({ title, make: () => [...what.filter((c): c is Node => c instanceof Node), actions(done)] });
}

export async function failed(error: unknown, home: () => void): Promise<void> {
  await settled(t("mine.notdone"), [fault(error)], home);
}

// lines is a list of what will be signed.
export function lines(texts: string[]): HTMLElement {
  return el("ul", { class: "lines" }, ...texts.map((text) => el("li", {}, text)));
}
