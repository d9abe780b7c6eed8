// Bech32 without its limit of length (BIP-173, as c2sp.org/age uses it): how age writes recipients and identities. Writing is all
// there is: a text is read by taking its letters and writing the result again, so there is one spelling and the checksum is
// compared with every other character. The tests hold it against age-encryption in both directions.
import { type Bytes } from "./bytes.ts";

const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const checksumSize = 6;

/** checksum is over groups of five bits. The polynomial is the one of BIP-173. */
function checksum(groups: readonly number[]): number {
  let sum = 1;
  for (const group of groups) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ group;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((generator, i) => {
      if (((top >>> i) & 1) === 1) sum ^= generator;
    });
  }
  return sum;
}

/** regroup takes groups of one number of bits as groups of another, from the highest on; what is left over is filled with zeros. */
function regroup(groups: Iterable<number>, from: number, to: number, whole: boolean): number[] {
  const out: number[] = [];
  let [held, bits] = [0, 0];
  for (const group of groups) {
    held = ((held << from) | group) & 0xfff;
    for (bits += from; bits >= to; ) out.push((held >>> (bits -= to)) & ((1 << to) - 1));
  }
  if (whole && bits > 0) out.push((held << (to - bits)) & ((1 << to) - 1));
  return out;
}

/** toBech32 writes bytes behind a prefix in lower case. */
export function toBech32(prefix: string, bytes: Uint8Array): string {
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  const groups = regroup(bytes, 8, 5, true);
  const all = [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31), ...groups];
  const sum = checksum([...all, ...Array<number>(checksumSize).fill(0)]) ^ 1;
  for (let i = checksumSize - 1; i >= 0; i--) groups.push((sum >>> (5 * i)) & 31);
  return `${prefix}1${groups.map((group) => letters.charAt(group)).join("")}`;
}

/** fromBech32 reads what toBech32 wrote behind this prefix, and nothing else. */
export function fromBech32(prefix: string, text: string): Bytes {
  const groups = Array.from(text.slice(prefix.length + 1, -checksumSize), (letter) => letters.indexOf(letter));
  const bytes = groups.includes(-1) ? new Uint8Array(0) : Uint8Array.from(regroup(groups, 5, 8, false));
  if (toBech32(prefix, bytes) !== text) throw new Error(`not a text of ${prefix}`);
  return bytes;
}
