// What a reader owes her, in the words of docs/consent.md: the same lines, in the same
// order, as the command line and every TERMS.json say them (internal/explain). Needs
// the catalogue "terms".

import type { Access, Attribution, Medium, Place, Prohibition, Purpose, Terms } from "../core/terms.ts";
import { day } from "./numbers.ts";
import { t } from "./texts.ts";

// "terms.purpose.*" "terms.prohibited.*" "terms.attribution.*" "terms.media.*" "terms.place.*" "terms.access.*"
export const purposeWords = (w: Purpose): string => t(`terms.purpose.${w}`);
export const prohibitionWords = (w: Prohibition): string => t(`terms.prohibited.${w}`);
export const attributionWords = (w: Attribution): string => t(`terms.attribution.${w}`);
export const mediumWords = (w: Medium): string => t(`terms.media.${w}`);
export const placeWords = (w: Place): string => t(`terms.place.${w}`);
export const accessWords = (w: Access): string => t(`terms.access.${w}`);

// lastDay is the day before an end that is excluded.
export function lastDay(until: number): string {
  return day(until - 1);
}

// listed joins phrases that may have commas of their own.
export function listed(phrases: string[]): string {
  return phrases.join(t("terms.list.words"));
}

export function purposesWords(purposes: readonly Purpose[]): string {
  return listed(purposes.map(purposeWords));
}

// partsWords writes: part 1; parts 1 and 2; parts 1, 2 and 3.
export function partsWords(parts: readonly number[], name: (n: number) => string): string {
  const names = parts.map(name);
  const last = names.pop() ?? "";
  const list = names.length === 0 ? last : names.join(t("terms.list.comma")) + t("terms.list.and") + last;
  return t("terms.parts", { count: parts.length, list });
}

// termsLines says terms, a line each.
export function termsLines(terms: Terms): string[] {
  return [
    t("terms.term", { from: day(terms.from), until: lastDay(terms.until) }),
    t("terms.for", { purposes: purposesWords(terms.purposes) }),
    t("terms.repeat", { attribution: attributionWords(terms.attribution) }),
    ...repeating(terms),
    ...keeping(terms),
    terms.prohibited.length === 0 ? t("terms.never.none") : t("terms.never", { prohibited: listed(terms.prohibited.map(prohibitionWords)) }),
  ];
}

function repeating(terms: Terms): string[] {
  const media = terms.media.length === 0 ? t("terms.media.none") : t("terms.media", { media: listed(terms.media.map(mediumWords)) });
  return [media, placeWords(terms.place), ...(terms.quote_review ? [t("terms.quotes")] : [])];
}

function keeping(terms: Terms): string[] {
  const times = t("terms.times", { count: terms.max_reads });
  return [
    accessWords(terms.access),
    ...(terms.max_reads > 0 ? [t("terms.reads", { times })] : []),
    t(terms.onward ? "terms.onward.yes" : "terms.onward.no"),
  ];
}

// waitingLines says what has to happen before a reader is let in.
export function waitingLines(of: { trustees: number; threshold: number; silence: number; wait: number }): string[] {
  const lines: string[] = [];
  const days = (count: number): string => t("terms.days", { count });
  if (of.silence > 0) lines.push(t("terms.silence", { silence: days(of.silence), wait: days(of.wait) }));
  if (of.threshold > 0) lines.push(t("terms.trustees", { count: of.trustees, threshold: of.threshold }));
  return lines;
}
