// Becoming a steward: words of one's own, and the line that the others take into the
// roster. The words are shown once and asked back nowhere else: a steward who loses them
// is replaced by the others.

import { base64url } from "../core/bytes.ts";
import { drawKeys, list, type Opening } from "../ui/account.ts";
import { button, el } from "../ui/el.ts";
import { faultText } from "../ui/fault.ts";
import { language } from "../ui/places.ts";
import { t } from "../ui/texts.ts";
import { begin, type View } from "../ui/view.ts";

export function newSteward(): View {
  return { title: t("team.new"), make: () => [form()] };
}

function form(): HTMLElement {
  const name = el("input", { id: "name", maxlength: "80", dir: "auto", autocomplete: "off", required: true });
  const place = el("div");
  const made = el("form", {}, el("label", { for: "name" }, t("team.new.name")), name, place, el("div", { class: "actions" }, el("button", { type: "submit", class: "main" }, t("team.new.make"))));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    make(name.value.trim()).catch((error: unknown) => {
      place.replaceChildren(el("p", { class: "fault", role: "alert" }, faultText(error)));
    });
  });
  return made;
}

async function make(name: string): Promise<void> {
  const opening = await drawKeys(true);
  try {
    const words = await opening.keys.words(await list(language() === "fr" ? "fr" : "en"));
    await begin({ title: t("team.new"), make: () => shown(name, words, opening), leave: () => { words.fill(""); } });
  } finally {
    opening.end(); // what is shown is on paper soon, and nothing here needs the keys
  }
}

function shown(name: string, words: string[], opening: Opening): Node[] {
  return [
    el("p", {}, t("team.new.keep")),
    el("ol", { class: "grid", dir: "ltr", lang: language() === "fr" ? "fr" : "en" }, ...words.map((word) => el("li", {}, word))),
    el("p", {}, t("team.new.line")),
    el("p", {}, el("code", { dir: "ltr" }, `${name}=${base64url(opening.keys.publicKey)}`)),
    el("div", { class: "actions" }, button(t("team.sign_in"), () => { location.reload(); })),
  ];
}
