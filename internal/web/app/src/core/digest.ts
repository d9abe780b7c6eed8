// Hashes of what is short (SHA-256, HMAC, HKDF; RFC 6234, RFC 5869), of which everything in docs/protocol.md is made. What does not fit
// in memory goes piece by piece through sha256.ts, and whole MiBs to Web Crypto (tree.ts).
import { expand, extract } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as noble } from "@noble/hashes/sha2.js";
import { wipe, type Bytes } from "./bytes.ts";

/** sha256 hashes what is short. */
export const sha256 = (bytes: Uint8Array): Bytes => noble(bytes) as Bytes;

/** hmac256 is HMAC-SHA-256. */
export const hmac256 = (key: Uint8Array, message: Uint8Array): Bytes => hmac(noble, key, message) as Bytes;

/** hkdf256 is HKDF-SHA-256. An absent salt is 32 zeros. */
export function hkdf256(secret: Uint8Array, salt: Uint8Array | undefined, info: Uint8Array, length = 32): Bytes {
  const prk = extract(noble, secret, salt);
  const out = expand(noble, prk, info, length) as Bytes;
  wipe(prk);
  return out;
}

/** prk256 and expand256 are the halves of HKDF, for HPKE. */
export const prk256 = (secret: Uint8Array, salt?: Uint8Array): Bytes => extract(noble, secret, salt) as Bytes;
export const expand256 = (prk: Uint8Array, info: Uint8Array, length: number): Bytes => expand(noble, prk, info, length) as Bytes;
