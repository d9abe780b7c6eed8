// Digits of every script (Unicode Nd), and what people put between them. Unicode promises that decimal digits stand in runs of ten,
// in ascending order, so the distance from where the digits begin is the value, also where several runs stand side by side.

/** The numeral systems that digits are written in, by their CLDR names. */
export const zeros = { latn: 0x30, arab: 0x660, arabext: 0x6f0 } as const;
export type System = keyof typeof zeros;

const digit = /^\p{Nd}$/u;
const separator = /^[\p{White_Space}\p{Z}\p{Pd}\p{Cf}\u2212]$/u;

const isDigit = (code: number) => code >= 0 && digit.test(String.fromCodePoint(code));

/** digitValue is 0 to 9, or undefined for what is no digit. */
export function digitValue(letter: string): number | undefined {
  const code = letter.codePointAt(0) ?? -1;
  if (!isDigit(code)) return undefined;
  let start = code;
  while (isDigit(start - 1)) start--;
  return (code - start) % 10;
}

/** asciiDigits keeps the digits, as ASCII, and drops white space, dashes and invisible marks. Undefined where anything else stands. */
export function asciiDigits(text: string): string | undefined {
  let out = "";
  for (const letter of text) {
    const value = digitValue(letter);
    if (value !== undefined) out += value;
    else if (!separator.test(letter)) return undefined;
  }
  return out;
}

/** written writes ASCII digits in a numeral system and leaves the rest as it is. */
export function written(digits: string, system: System): string {
  return digits.replace(/[0-9]/g, (d) => String.fromCodePoint(zeros[system] + Number(d)));
}
