// Looking over what she has: the order, hearing and seeing it, names for the parts (they
// are sealed), a title, words of warning for whoever reads one day.

import { button, el, theirs, type Child } from "../ui/el.ts";
import { inDigits, size, time } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { again, show, type View } from "../ui/view.ts";
import { kindsView } from "./kinds.ts";
import { look } from "./look.ts";
import { changed, move, remove, told, type Part } from "./story.ts";
import { actions, doing, onward, quiet } from "./step.ts";
import { plainField, writeView } from "./write.ts";

export function reviewView(): View {
  return { title: t("tell.review.heading"), make };
}

function make(): Node[] {
  const { parts } = told();
  const next = () => void import("./terms.ts").then((m) => show(m.termsView()));
  return [
    doing("tell.review.do", "words"),
    parts.length === 0 ? quiet(t("tell.review.none")) : el("ol", { class: "parts" }, ...parts.map((p, i) => el("li", {}, ...card(p, i)))),
    actions(button(t("tell.review.more"), () => void show(kindsView()))),
    ...(parts.length > 0 ? naming() : []),
    actions(parts.length > 0 && onward(t("tell.next"), next)),
  ];
}

function card(part: Part, i: number): Child[] {
  const n = inDigits(String(i + 1));
  const name = t(`tell.kind.${part.kind}`); // "tell.kind.*"
  return [
    el("h2", { id: `part${String(part.key)}` }, t("tell.review.part", { n, kind: name })),
    el("p", { class: "quiet" }, part.seconds !== undefined && time(part.seconds) + " · ", size(part.blob.size), part.name !== "" && " · ", part.name !== "" && theirs(part.name)),
    safety(part),
    look(part),
    labelled(`label${String(part.key)}`, t("tell.review.label", { n }), part.label, (v) => (part.label = v), 40),
    el("div", { class: "actions" }, ...changes(part, i, n)),
  ];
}

function safety(part: Part): Child {
  if (part.kind === "text") return false;
  const words = [part.cleaned ? t("tell.review.cleaned") : t("tell.review.asis"), part.disguised && t("tell.review.disguised"), part.original && t("tell.review.original")];
  return el("p", { class: "quiet" }, words.filter((w) => typeof w === "string").join(" "));
}

function changes(part: Part, i: number, n: string): Child[] {
  const shift = (by: -1 | 1) => () => {
    move(part, by);
    say(t("tell.review.moved", { n: inDigits(String(i + 1 + by)) }));
    void again();
  };
  const gone = () => {
    remove(part);
    say(t("tell.review.removed"));
    void again();
  };
  const named = (label: string, act: () => void, kind = "") => el("button", { type: "button", class: kind, onclick: act, "aria-describedby": `part${String(part.key)}` }, label);
  return [
    part.kind === "text" && named(t("tell.review.edit"), () => void show(writeView(part))),
    i > 0 && named(t("tell.review.up"), shift(-1)),
    i < told().parts.length - 1 && named(t("tell.review.down"), shift(1)),
    removing(part, n, gone),
  ];
}

// Taking a part away asks once: there is no getting it back.
function removing(part: Part, n: string, gone: () => void): Child {
  const place = el("span", { class: "asking" });
  const ask = () => {
    const yes = button(t("tell.review.removeyes", { n }), gone, "danger");
    place.replaceChildren(yes, button(t("tell.review.removeno"), () => void again()));
    yes.focus();
  };
  place.append(el("button", { type: "button", onclick: ask, "aria-describedby": `part${String(part.key)}` }, t("tell.review.remove")));
  return place;
}

function naming(): Node[] {
  const story = told();
  const warn = (v: string) => (story.warnings = v.split(/[,،;\n]/).map((w) => w.trim()).filter((w) => w !== ""));
  return [
    el("h2", {}, t("tell.review.name")),
    labelled("title", t("tell.review.title"), story.title, (v) => (story.title = v), 80),
    labelled("warnings", t("tell.review.warnings"), story.warnings.join("، "), warn, 80),
    quiet(t("tell.review.sealed")),
  ];
}

/** labelled is a one-line field for a text of hers. */
function labelled(id: string, label: string, value: string, set: (value: string) => void, most: number): HTMLElement {
  const input = el("input", { id, maxlength: most, ...plainField });
  input.value = value;
  input.addEventListener("input", () => {
    set(input.value.trim());
    changed();
  });
  return el("div", {}, el("label", { for: id }, label), input);
}
