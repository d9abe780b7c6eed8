// Names of things (docs/protocol.md section 1; in Go internal/id): identifiers are 128 random bits in 26 characters, an
// account is the RFC 7638 thumbprint of its Ed25519 key, hashes are 43 characters of base64url. One spelling each.
import { base64url, fromBase64url, utf8, type Bytes } from "./bytes.ts";
import { sha256 } from "./sha256.ts";
import { string, that, type Shape } from "./shape.ts";

const letters = "abcdefghijklmnopqrstuvwxyz234567";

/** newId draws an identifier. 26 × 5 = 128 + 2: the last two bits are empty. */
export function newId(random: (length: number) => Bytes): string {
  let [out, held, bits] = ["", 0, 0];
  for (const byte of random(16)) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out += letters.charAt((held >> (bits - 5)) & 31);
  }
  return out + letters.charAt((held << (5 - bits)) & 31);
}

/** isId accepts exactly what newId makes: the last character has its two low bits empty. */
export function isId(text: string): boolean {
  return /^[a-z2-7]{25}[aeimquy4]$/.test(text);
}

/** newUuid draws a version 4 UUID (RFC 9562). */
export function newUuid(random: (length: number) => Bytes): string {
  const b = random(16);
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x40;
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const digits = Array.from(b, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** hashOf is the SHA-256 of bytes, or of a text's UTF-8, as JSON spells it. */
export function hashOf(of: Uint8Array | string): string {
  return base64url(sha256(typeof of === "string" ? utf8(of) : of));
}

/** isHash says whether a text is 32 bytes in their one spelling. */
export function isHash(text: string): boolean {
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(text);
}

/** thumbprintOf names an Ed25519 key. */
export function thumbprintOf(publicKey: Uint8Array | string): string {
  const x = typeof publicKey === "string" ? publicKey : base64url(publicKey);
  return hashOf(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`);
}

export const id: Shape<string> = that(string, "an identifier is misspelt", isId);
export const hash: Shape<string> = that(string, "a hash is misspelt", isHash);
export const account = hash;
/** an identifier, or nothing */
export const idOrNone: Shape<string> = that(string, "an identifier is misspelt", (v) => v === "" || isId(v));

/** bytesOf reads a member that holds bytes. */
export const bytesOf: Shape<Bytes> = (v) => fromBase64url(string(v));
