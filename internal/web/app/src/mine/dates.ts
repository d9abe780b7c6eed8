// Choosing a day: three plain lists, in the page's own months and numerals. The date
// field of a browser speaks the language of the browser, not of the page, and shows
// its own numerals. Days are days of UTC, as the vault counts them.

import { el } from "../ui/el.ts";
import { inDigits, month } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";

export interface DayField {
  node: HTMLElement;
  /** read gives the first second of the day, or nothing where there is no such day. */
  read(): number | undefined;
}

export function dayField(legend: string, value: number, from: number, years: number): DayField {
  const now = new Date(value * 1000);
  const first = new Date(from * 1000).getUTCFullYear();
  const d = list(t("mine.date.day"), range(1, 31), now.getUTCDate(), (n) => inDigits(String(n)));
  const m = list(t("mine.date.month"), range(1, 12), now.getUTCMonth() + 1, month);
  const y = list(t("mine.date.year"), range(first, first + years), now.getUTCFullYear(), (n) => inDigits(String(n)));
  const node = el("fieldset", { class: "day" }, el("legend", {}, legend), el("div", {}, d, m, y));
  return { node, read: () => moment(Number(y.value), Number(m.value), Number(d.value)) };
}

function list(label: string, values: number[], chosen: number, words: (n: number) => string): HTMLSelectElement {
  return el("select", { "aria-label": label }, ...values.map((n) => el("option", { value: n, selected: n === chosen }, words(n))));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

// moment refuses the 31st of a month that has none.
export function moment(year: number, of: number, date: number): number | undefined {
  const ms = Date.UTC(year, of - 1, date);
  return new Date(ms).getUTCDate() === date ? ms / 1000 : undefined;
}
