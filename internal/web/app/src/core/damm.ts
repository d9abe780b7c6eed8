// Damm's check digit ("Total anti-symmetrische Quasigruppen", 2004, p. 111): every wrong digit and every swap of two neighbours is
// found. Over a number it gives the digit to append, over a number with its check digit 0. Leading zeros change nothing: the
// length is checked apart.
const table = [
  "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
];

/** damm runs over ASCII digits. */
export function damm(digits: string): number {
  return [...digits].reduce((state, digit) => Number(table[state]?.charAt(Number(digit))), 0);
}
