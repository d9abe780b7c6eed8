// The frame of every step: its picture, one short instruction, room for hearing it, and
// what one can do. Choices are large and of equal weight.

import { button, el, type Child } from "../ui/el.ts";
import { listenTo } from "../ui/listen.ts";
import { t, type Key } from "../ui/texts.ts";
import { picture, type Picture } from "./pictures.ts";

/** doing is the instruction of a step. */
export function doing(key: Key, drawn: Picture, ...more: Child[]): HTMLElement {
  return el("div", { class: "doing" }, picture(drawn), el("p", { class: "do" }, t(key)), listenTo(key), ...more);
}

/** choice is a large button with a picture, a name and perhaps a word on what it does. */
export function choice(drawn: Picture, label: string, act: () => void, hint = "", kind = ""): HTMLElement {
  const text = el("span", {}, el("span", { class: "name" }, label), hint !== "" && el("span", { class: "hint" }, hint));
  return el("button", { type: "button", class: kind, onclick: act }, picture(drawn), text);
}

export function choices(...list: HTMLElement[]): HTMLElement {
  return el("div", { class: "choices" }, ...list);
}

export function actions(...list: Child[]): HTMLElement {
  return el("div", { class: "actions" }, ...list);
}

/** onward is the one button that goes on. */
export function onward(label: string, act: () => void): HTMLButtonElement {
  return button(label, act, "main");
}

/** fault says what went wrong, what is safe, and what to do. */
export function fault(text: string): HTMLElement {
  return el("p", { class: "fault", role: "alert" }, text);
}

export function quiet(text: string): HTMLElement {
  return el("p", { class: "quiet" }, text);
}

/** filePicker is a button for choosing files, in the words of the page and not of the browser. */
export function filePicker(id: string, label: string, multiple: boolean, chosen: (files: File[]) => void): HTMLElement {
  const input = el("input", { type: "file", multiple, id, class: "unseen" });
  input.addEventListener("change", () => chosen([...(input.files ?? [])]));
  return el("div", { class: "picker" }, input, el("label", { for: id, class: "choice" }, picture("files"), el("span", { class: "name" }, label)));
}
