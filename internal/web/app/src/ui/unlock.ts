// Asking for twelve words or forty digits, and opening the account they make. Typed or
// pasted, digits of any script, words of any list. A mistyped word is pointed at, never
// guessed. What is typed goes into the worker and out of the field; it is not kept.

import type { Problem } from "../core/phrase.ts";
import { enrolled, type Role } from "../core/enrol.ts";
import { enterKeys, vaultHere, vaultSigns, type Account, type Opening } from "./account.ts";
import { button, el } from "./el.ts";
import { hold } from "./holder.ts";
import { inDigits } from "./numbers.ts";
import { say } from "./say.ts";
import { backward } from "./backward.ts";
import { loadTexts, t } from "./texts.ts";
import { trouble } from "./trouble.ts";
import type { View } from "./view.ts";

export interface Ask {
  readonly role: Role;
  /** then goes on with the open account, which is held (holder.ts). */
  then(account: Account): void | Promise<void>;
  /** fresh lets words through that have no account here yet: she made them and has not sent anything. */
  readonly fresh?: boolean;
  readonly title?: string;
}

/** unlock is the view that asks. */
export async function unlock(ask: Ask): Promise<View> {
  await loadTexts("unlock");
  return { title: ask.title ?? t("unlock.heading"), make: () => make(ask) };
}

function make(ask: Ask): Node[] {
  const field = el("textarea", {
    id: "words", rows: 4, dir: "auto", class: "secret", spellcheck: "false", autocomplete: "off", autocapitalize: "none", autocorrect: "off", "aria-describedby": "words-help",
  });
  const result = el("div");
  const open = el("button", { type: "submit", class: "main" }, t("unlock.open"));
  const form = el("form", {}, el("label", { for: "words" }, t("unlock.label")), field, hiding(field), result, el("div", { class: "actions" }, open));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(ask, field, result, open);
  });
  return [el("p", {}, t("unlock.do")), form, el("p", { class: "quiet", id: "words-help" }, t("unlock.help")), signs(), ...backward()];
}

function hiding(field: HTMLTextAreaElement): HTMLElement {
  const box = el("input", { type: "checkbox", onchange: () => field.classList.toggle("hidden-text", box.checked) });
  return el("label", { class: "pick" }, box, t("unlock.hide"));
}

/** signs shows which vault this is, to be compared with the card. */
function signs(): HTMLElement {
  const place = el("p", { class: "quiet" });
  void vaultHere().then(
    (vault) => place.replaceChildren(t("unlock.vault"), " ", el("bdi", { dir: "ltr", class: "signs" }, vaultSigns(vault))),
    (error: unknown) => place.replaceChildren(trouble(error)),
  );
  return place;
}

async function attempt(ask: Ask, field: HTMLTextAreaElement, result: HTMLElement, open: HTMLButtonElement): Promise<void> {
  open.disabled = true;
  say(t("unlock.opening"));
  result.replaceChildren(el("p", {}, t("unlock.opening")));
  try {
    const entered = await enterKeys(field.value, ask.role === "steward");
    if ("problem" in entered) result.replaceChildren(problemNode(entered.problem, field));
    else await admit(ask, entered, field, result);
  } catch (error) {
    result.replaceChildren(fault(trouble(error)));
  } finally {
    open.disabled = false;
  }
}

async function admit(ask: Ask, opening: Opening, field: HTMLTextAreaElement, result: HTMLElement): Promise<void> {
  const account = opening.account();
  const role = await enrolled(account.client).catch((error: unknown) => {
    opening.end();
    throw error;
  });
  if (role === ask.role || (role === "" && ask.fresh === true)) {
    field.value = "";
    hold(account);
    await ask.then(account);
    return;
  }
  opening.end();
  result.replaceChildren(fault(role === "" ? t("unlock.nothing") : t("trouble.other-role")));
}

function fault(text: string): HTMLElement {
  return el("p", { class: "fault", role: "alert" }, text);
}

// The words are "unlock.problem.*", by the reason.
function problemNode(problem: Problem, field: HTMLTextAreaElement): HTMLElement {
  const { found = 0, wanted = 0, position = 0, closest = [] } = problem;
  if (problem.reason === "length" && wanted === 12) return fault(t("unlock.problem.words", { count: found, found }));
  if (problem.reason === "length") return fault(t("unlock.problem.digits", { count: found, found }));
  if (problem.reason !== "unknown-word") return fault(reason(problem.reason));
  const text = t("unlock.problem.word", { n: inDigits(String(position)) });
  const near = closest.map((word) => button(word, () => put(field, position, word)));
  return el("div", { class: "fault", role: "alert" }, el("p", {}, text), near.length > 0 && el("p", {}, t("unlock.problem.near")), el("div", { class: "actions" }, ...near));
}

function reason(of: Problem["reason"]): string {
  if (of === "empty") return t("unlock.problem.empty");
  return ["checksum", "too-large", "ambiguous"].includes(of) ? t("unlock.problem.checksum") : t("unlock.problem.unreadable");
}

/** put replaces one word of what was typed. */
function put(field: HTMLTextAreaElement, position: number, word: string): void {
  let at = 0;
  field.value = field.value.replace(/[\p{L}\p{M}]+/gu, (typed) => (++at === position ? word : typed));
  field.focus();
}
