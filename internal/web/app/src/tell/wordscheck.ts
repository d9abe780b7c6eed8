// Asking her words back: two places of the paper, so that what she wrote can be read. It
// is not a test of memory; she looks at the paper. What is asked is drawn at random, so
// that a hurried hand cannot skip it.

import { el } from "../ui/el.ts";
import { inDigits, latinDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { trouble } from "../ui/trouble.ts";
import { back, type View } from "../ui/view.ts";
import { fold } from "../core/phrase.ts";
import { actions, doing, fault } from "./step.ts";
import type { Fresh } from "./words.ts";

/** mostWrong is how often she may be wrong before she sees the words again, and is asked for others: what cannot be read on the paper is
 *  found out by looking, not by trying. */
const mostWrong = 3;

export function wordsCheck(fresh: Fresh, checked: () => Promise<void>): View {
  const places = twoOf(fresh.spelled.length);
  return { title: t("tell.check.heading"), make: () => make(fresh, places, checked) };
}

/** twoOf draws two different places in their order. */
function twoOf(n: number): number[] {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint32Array(2));
  const first = a % n;
  const second = (first + 1 + (b % (n - 1))) % n;
  return [first, second].sort((x, y) => x - y);
}

function make(fresh: Fresh, places: number[], checked: () => Promise<void>): Node[] {
  const fields = places.map((at) => field(fresh, at));
  const result = el("div");
  let left = mostWrong;
  const form = el("form", {}, ...fields.map((f) => f.row), result, actions(el("button", { type: "submit", class: "main" }, t("tell.check.done")), el("button", { type: "button", onclick: back }, t("tell.check.back"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const wrong = fields.find((f) => !f.right());
    if (wrong && --left === 0) back();
    else if (wrong) result.replaceChildren(fault(t("tell.check.wrong", { n: wrong.n })));
    else void checked().catch((error: unknown) => result.replaceChildren(fault(trouble(error))));
  });
  return [doing("tell.check.do", "words"), form];
}

function field(fresh: Fresh, at: number) {
  const n = inDigits(String(at + 1));
  const id = `check${String(at)}`;
  const mode = fresh.digits ? { inputmode: "numeric" } : {};
  const input = el("input", { id, dir: "ltr", maxlength: 40, spellcheck: "false", autocomplete: "off", autocapitalize: "none", autocorrect: "off", ...mode });
  const label = el("label", { for: id }, fresh.digits ? t("tell.check.group", { n }) : t("tell.check.word", { n }));
  const right = () => same(input.value, fresh.spelled[at] ?? "");
  return { row: el("div", {}, label, input), right, n };
}

/** same compares as reading does: without accents, case and the script of digits. */
function same(typed: string, wanted: string): boolean {
  const plain = (text: string) => fold(latinDigits(text)).replace(/\s/g, "");
  return plain(typed) !== "" && plain(typed) === plain(wanted);
}
