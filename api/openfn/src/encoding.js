// The spellings of the vault: base64url without padding, and identifiers of 128 random bits in 26 letters.
import { createHash, randomBytes } from "node:crypto";

export const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

/** base64 without padding, as age writes it. */
export const base64raw = (bytes) => Buffer.from(bytes).toString("base64").replace(/=+$/, "");

export const sha256 = (...pieces) => {
  const sum = createHash("sha256");
  for (const piece of pieces) sum.update(piece);
  return sum.digest();
};

const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** base32 spells 16 bytes as an identifier. */
export function base32(bytes) {
  let [out, bits, value] = ["", 0, 0];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      out += letters[(value >> (bits - 5)) & 31];
      bits -= 5;
    }
  }
  return bits === 0 ? out : out + letters[(value << (5 - bits)) & 31];
}

export const newId = () => base32(randomBytes(16));

/** isId says whether a text is an identifier: nothing else becomes part of an address. */
export const isId = (text) => typeof text === "string" && /^[a-z2-7]{25}[aeimquy4]$/.test(text);

/** trayOf is the code of the tray that somebody has who enrols with an invitation of this partner. */
export const trayOf = (invitation) => base32(sha256("testimony-vault/v1/tray-of-invitation\n", invitation).subarray(0, 16));
