// What is said when something cannot be done: what is safe, and what to do next. A
// failure is shown by its code and by nothing else of it, so that no message of an
// engine, an address or a content ever reaches the screen. What the vault itself says
// of a refusal is shown beside it as somebody else's words. The texts are in the
// catalogue "common": failures come when nothing can be fetched any more.

import { codeOf, Failure, untrusted } from "../core/failure.ts";
import { el, theirs } from "./el.ts";
import { say } from "./say.ts";
import { t } from "./texts.ts";

// faultText is the sentence for an error of any kind ("fault.*").
export function faultText(error: unknown): string {
  if (error instanceof Failure && error.code === "chain" && error.also) return t(`fault.${error.also}`);
  return t(`fault.${codeOf(error)}`);
}

// fault shows it, and has a screen reader say it.
export function fault(error: unknown): HTMLElement {
  const text = faultText(error);
  say(text);
  return el(
    "div",
    { class: "fault", role: "group", "data-code": codeOf(error) },
    untrusted(error) && el("p", {}, el("strong", {}, t("fault.untrusted"))),
    el("p", {}, text),
    ...more(error),
  );
}

function more(error: unknown): Node[] {
  if (!(error instanceof Failure)) return [];
  const nodes: Node[] = [];
  const { problem, retryAfter } = error;
  if (error.code === "vault-refused" && problem) nodes.push(el("p", { class: "quiet" }, theirs(problem.detail || problem.title)));
  if (retryAfter !== undefined && retryAfter > 0) nodes.push(el("p", {}, t("fault.wait", { count: Math.ceil(retryAfter / 60) })));
  return nodes;
}
