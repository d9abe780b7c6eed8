// Bytes and their spellings (docs/protocol.md section 1). Decoding is strict: one text for one value, everything else is
// refused, because digests and signatures are over the text and a second spelling would be a second statement.

/** Bytes in memory of their own: what Web Crypto, Blob and transfers accept (never shared memory). */
export type Bytes = Uint8Array<ArrayBuffer>;

const b64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const b64values = new Map([...b64].map((letter, value) => [letter, value]));

/** utf8 encodes a text. A lone surrogate has no UTF-8: it throws instead of becoming another text. */
export function utf8(text: string): Bytes {
  if (/\p{Surrogate}/u.test(text)) throw new Error("text is not valid Unicode");
  return new Uint8Array(new TextEncoder().encode(text));
}

/** text decodes UTF-8 and throws at the first byte that is none. A byte order mark is kept. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** base64url encodes without padding. */
export function base64url(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let j = 0; j < Math.min(left, 3) + 1; j++) out += b64.charAt((group >> (18 - 6 * j)) & 63);
  }
  return out;
}

/** fromBase64url decodes what base64url wrote and nothing else: no padding, no white space, no stray low bits. */
export function fromBase64url(encoded: string): Bytes {
  const out = new Uint8Array(Math.floor((encoded.length * 3) / 4));
  let [held, bits, at] = [0, 0, 0];
  for (const letter of encoded) {
    const value = b64values.get(letter);
    if (value === undefined) throw new Error("not base64url without padding");
    held = ((held << 6) | value) & 0xfff;
    bits += 6;
    if (bits >= 8) out[at++] = (held >> (bits -= 8)) & 255;
  }
  if (encoded.length % 4 === 1 || (held & ((1 << bits) - 1)) !== 0) throw new Error("not base64url without padding");
  return out;
}

/** base64 is base64url in the letters of age: + and /, without padding as well. */
export function base64(bytes: Uint8Array): string {
  return base64url(bytes).replaceAll("-", "+").replaceAll("_", "/");
}

/** fromBase64 decodes what base64 wrote and nothing else. */
export function fromBase64(encoded: string): Bytes {
  if (/[-_]/.test(encoded)) throw new Error("not base64 without padding");
  return fromBase64url(encoded.replaceAll("+", "-").replaceAll("/", "_"));
}

/** hex encodes in lower case. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** fromHex decodes lower-case hexadecimal. */
export function fromHex(encoded: string): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(encoded)) throw new Error("not lower-case hexadecimal");
  return Uint8Array.from(encoded.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** concat joins its arguments into one new array. */
export function concat(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** equal compares without stopping at the first difference. Lengths are no secret. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** uint64be writes a whole number from 0 to 2^53-1 as eight bytes, the highest first. */
export function uint64be(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0) throw new Error("not a whole number from 0 to 2^53-1");
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value));
  return out;
}

/** wipe overwrites secrets. Copies that the engine made are beyond it: it shortens their time, it does not promise. */
export function wipe(...secrets: Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}
