// Plain fields: radios, checkboxes, lists. Each has a name that a screen reader says and
// a target of at least 44 px; what they hold is read when it is needed.

import { el, type Child } from "../ui/el.ts";

let made = 0;

export interface Field<T> {
  node: HTMLElement;
  read: () => T;
}

export function group(legend: string, ...children: Child[]): HTMLElement {
  return el("fieldset", {}, legend !== "" && el("legend", {}, legend), ...children);
}

// ticks is any number of words.
export function ticks<W extends string>(legend: string, words: readonly W[], say: (word: W) => string, chosen: readonly W[]): Field<W[]> {
  const boxes = words.map((word) => ({ word, box: el("input", { type: "checkbox", checked: chosen.includes(word) }) }));
  const node = group(legend, ...boxes.map(({ word, box }) => el("label", { class: "pick" }, box, el("span", {}, say(word)))));
  return { node, read: () => boxes.filter((b) => b.box.checked).map((b) => b.word) };
}

// picks is one of several words: radios, or a list where the words are short and many.
export function picks<W extends string>(legend: string, words: readonly W[], say: (word: W) => string, chosen: W, list = false): Field<W> {
  if (list) {
    const id = `field-${String(++made)}`;
    const select = el("select", { id }, ...words.map((w) => el("option", { value: w, selected: w === chosen }, say(w))));
    return { node: el("div", {}, el("label", { for: id }, legend), select), read: () => select.value as W };
  }
  const name = `field-${String(++made)}`;
  const radios = words.map((word) => ({ word, radio: el("input", { type: "radio", name, checked: word === chosen }) }));
  const node = group(legend, ...radios.map(({ word, radio }) => el("label", { class: "pick" }, radio, el("span", {}, say(word)))));
  return { node, read: () => radios.find((r) => r.radio.checked)?.word ?? chosen };
}

// one is a yes or no. fixed cannot be changed here.
export function one(label: string, chosen: boolean, fixed = false): Field<boolean> {
  const box = el("input", { type: "checkbox", checked: chosen, disabled: fixed });
  return { node: el("label", { class: "pick" }, box, el("span", {}, label)), read: () => box.checked };
}

// text is what she writes, in whatever direction.
export function text(label: string, value = "", long = false): Field<string> & { input: HTMLInputElement | HTMLTextAreaElement } {
  const id = `field-${String(++made)}`;
  const input = long ? el("textarea", { id, dir: "auto", rows: 3 }, value) : el("input", { id, dir: "auto", value, autocomplete: "off", spellcheck: "false" });
  return { node: el("div", {}, el("label", { for: id }, label), input), read: () => input.value.trim(), input };
}
