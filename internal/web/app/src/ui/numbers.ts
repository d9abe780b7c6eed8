// Numbers, days and sizes as the language of the page writes them. Sorani is spelled
// out here, since Chromium has no data for it; digits are named, not left to the
// machine's habits.

import { language, type Language } from "./places.ts";

const LOCALES: Record<Language, string> = { en: "en-GB-u-nu-latn", fr: "fr-u-nu-latn", uk: "uk-u-nu-latn", ar: "ar-u-nu-arab", ckb: "ar-u-nu-arab" };

const SORANI_MONTHS = [
  "کانوونی دووەم", "شوبات", "ئازار", "نیسان", "ئایار", "حوزەیران", "تەمووز", "ئاب", "ئەیلوول", "تشرینی یەکەم", "تشرینی دووەم", "کانوونی یەکەم",
];

export function number(n: number): string {
  return new Intl.NumberFormat(LOCALES[language()], { maximumFractionDigits: 1 }).format(n);
}

// inDigits writes the digits of a text (a code, her number groups) in the page's
// numerals.
export function inDigits(text: string): string {
  const arabic = LOCALES[language()].endsWith("arab");
  return arabic ? text.replace(/[0-9]/g, (d) => String.fromCharCode(0x660 + Number(d))) : text;
}

// latinDigits reads digits of any script back: people type what their keyboard has.
export function latinDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (d) => String(digitValue(d.codePointAt(0) ?? 0)));
}

// Every block of decimal digits begins at a multiple of ten counted from its zero, and
// Unicode keeps the ten together: the zero is the first one going down.
function digitValue(point: number): number {
  let n = 0;
  while (n < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - n - 1))) n++;
  return point > 0x7f && n === 9 ? offsetInBlock(point) : n;
}

// Blocks that touch (the mathematical digits) are told apart by their start.
function offsetInBlock(point: number): number {
  return point >= 0x1d7ce && point <= 0x1d7ff ? (point - 0x1d7ce) % 10 : 9;
}

// day writes a day of the calendar. It takes a Unix time in seconds, or YYYY-MM-DD;
// days are counted in UTC, as the vault does.
export function day(when: number | string): string {
  const date = typeof when === "number" ? new Date(when * 1000) : new Date(when + "T00:00:00Z");
  if (language() === "ckb") {
    return inDigits(`${String(date.getUTCDate())}ی ${SORANI_MONTHS[date.getUTCMonth()] ?? ""}ی ${String(date.getUTCFullYear())}`);
  }
  return new Intl.DateTimeFormat(LOCALES[language()], { dateStyle: "long", timeZone: "UTC" }).format(date);
}

// size writes a number of bytes for people.
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let n = bytes;
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return number(n < 10 ? Math.round(n * 10) / 10 : Math.round(n)) + "\u00a0" + (units[unit] ?? "");
}

// time writes a length in minutes and seconds.
export function time(seconds: number): string {
  const whole = Math.floor(seconds);
  return inDigits(`${String(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, "0")}`);
}

// month is the name of a month, 1 to 12, as it stands alone.
export function month(n: number): string {
  if (language() === "ckb") return SORANI_MONTHS[n - 1] ?? "";
  return new Intl.DateTimeFormat(LOCALES[language()], { month: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2026, n - 1, 1)));
}
