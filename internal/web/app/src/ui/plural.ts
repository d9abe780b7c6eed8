// Plural categories of whole numbers (CLDR). They are written out, because browsers
// that lack a language fall back to the machine's, and Sorani is often lacking.

import type { Language } from "./places.ts";

export type Category = "zero" | "one" | "two" | "few" | "many" | "other";

export function category(language: Language, n: number): Category {
  switch (language) {
    case "en":
    case "ckb":
      return n === 1 ? "one" : "other";
    case "fr":
      return n < 2 ? "one" : "other";
    case "uk":
      return ukrainian(n);
    case "ar":
      return arabic(n);
  }
}

function ukrainian(n: number): Category {
  const ten = n % 10;
  const hundred = n % 100;
  if (ten === 1 && hundred !== 11) return "one";
  if (ten >= 2 && ten <= 4 && (hundred < 12 || hundred > 14)) return "few";
  return "many";
}

function arabic(n: number): Category {
  if (n === 0) return "zero";
  if (n === 1) return "one";
  if (n === 2) return "two";
  const hundred = n % 100;
  if (hundred >= 3 && hundred <= 10) return "few";
  return hundred >= 11 ? "many" : "other";
}
