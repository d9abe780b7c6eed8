// What she hands a partner so that it can bring her something: vault, the tray's code and the key that things are sealed to, as one
// line. It does not say who she is. The line has only characters that a QR code packs densely, so that a phone can read two
// thousand of them from a screen; command line and partners' programs read the same line (docs/protocol.md section 17).
import { fromBase64url, hex } from "../core/bytes.ts";
import { draw, type Bits, type Form } from "../tell/qr.ts";

/** Version 27, level L: 2132 characters, of which the line has 2057. */
export const large: Form = { version: 27, level: 1, blocks: [...repeated(8, 122), ...repeated(4, 123)], correction: 30, centers: [6, 34, 62, 90, 118] };

function repeated(times: number, length: number): number[] {
  return Array.from({ length: times }, () => length);
}

/** trayLine is the line. */
export function trayLine(vault: string, code: string, recipient: string): string {
  return `TRAY1/${hex(fromBase64url(vault))}/${code}/${recipient}`.toUpperCase();
}

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** trayQr draws it, in the mode that puts two letters into eleven bits. */
export function trayQr(line: string): boolean[][] {
  const values = [...line].map((letter) => letters.indexOf(letter));
  if (values.includes(-1)) throw new RangeError("a letter that the mode does not have");
  const bits: Bits[] = [[2, 4], [values.length, 13]];
  for (let i = 0; i < values.length; i += 2) {
    const [one = 0, two] = values.slice(i, i + 2);
    bits.push(two === undefined ? [one, 6] : [one * 45 + two, 11]);
  }
  return draw(large, bits);
}
