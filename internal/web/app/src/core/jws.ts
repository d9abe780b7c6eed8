// Compact JWS with EdDSA (RFC 7515, RFC 8037), over exact bytes: header and payload must be their only spelling. One typ, one
// algorithm, one key a place; nothing in a token chooses how it is checked. Verifying is Ed25519 of RFC 8032 without the
// leniency of ZIP 215: the Go side refuses what that would let through.
import { ed25519 } from "@noble/curves/ed25519.js";
import { base64url, fromBase64url, utf8, type Bytes } from "./bytes.ts";
import { decode, encodeBytes } from "./canonical.ts";
import { object, string, word, type Shape } from "./shape.ts";

/** A larger text is refused before it is read: a relock that carries readers over is the largest. */
const maxSize = 4 << 20;

export interface Parts {
  header: Bytes;
  payload: Bytes;
  signed: Bytes; // the text before the last dot
  signature: Bytes;
}

/** split takes a compact JWS apart. */
export function split(compact: string): Parts {
  const [header, payload, signature, more] = compact.length > maxSize ? [] : compact.split(".");
  if (header === undefined || payload === undefined || signature === undefined || more !== undefined) {
    throw new TypeError("it is not a compact JWS of three parts");
  }
  return {
    header: fromBase64url(header),
    payload: fromBase64url(payload),
    signed: utf8(`${header}.${payload}`),
    signature: fromBase64url(signature),
  };
}

/** good says whether the signature is the key's. */
export function good(parts: Parts, key: Uint8Array): boolean {
  return signedBy(parts.signature, parts.signed, key);
}

/** signedBy never throws: what is no signature is none. */
export function signedBy(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  try {
    return signature.length === 64 && key.length === 32 && ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** compact signs header and payload, in the order their members stand. */
export async function compact(header: object, payload: object, sign: (bytes: Bytes) => Promise<Bytes>): Promise<string> {
  const text = `${base64url(encodeBytes(header))}.${base64url(encodeBytes(payload))}`;
  return `${text}.${base64url(await sign(utf8(text)))}`;
}

/** ownHeader is that of tokens which carry their key. */
export function ownHeader(typ: string, publicKey: Uint8Array): object {
  return { alg: "EdDSA", typ, jwk: { crv: "Ed25519", kty: "OKP", x: base64url(publicKey) } };
}

/** keyOf reads such a header and gives the key as JSON spells it. */
export function keyOf(header: Uint8Array, typ: string): string {
  const shape = object({
    alg: word("EdDSA"),
    typ: word(typ),
    jwk: object({ crv: word("Ed25519"), kty: word("OKP"), x: string }),
  });
  return decode(header, shape).jwk.x;
}

/** readByKid reads a token of the vault's: its header names the key by its thumbprint. */
export function readByKid<T>(text: string, typ: string, kid: string, key: Uint8Array, shape: Shape<T>): T {
  const parts = split(text);
  decode(parts.header, object({ alg: word("EdDSA"), typ: word(typ), kid: word(kid) }));
  if (!good(parts, key)) throw new TypeError("its signature does not fit");
  return decode(parts.payload, shape);
}
