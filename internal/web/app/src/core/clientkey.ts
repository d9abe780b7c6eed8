// The public key with which a partner's program signs, and the compact JWS that it makes with it (docs/protocol.md section 16; in Go
// internal/clientkey). A key verifies under the one algorithm of its kind, whatever a token's header says; a header has no member
// that would bring a key along. P-256 is Web Crypto's, which refuses what is no point of the curve: nothing of it is loaded.
import type { Bodies } from "./bodies.ts";
import { fromBase64url, text as textOf, type Bytes } from "./bytes.ts";
import { decode, encode, parse } from "./canonical.ts";
import { good, split, type Parts } from "./jws.ts";
import { hash, hashOf } from "./names.ts";
import { object, string, type Shape } from "./shape.ts";

/** A key as it stands in statements, checked for its shape only. */
export type Jwk = Bodies["client"]["jwk"];

/** thumbprintOfJwk names a key (RFC 7638): its members are what the thumbprint covers, in that order. */
export function thumbprintOfJwk(jwk: Readonly<Jwk>): string {
  return hashOf(encode(jwk));
}

/** A token taken apart. Nothing about it is verified. */
export interface Token<T> {
  readonly kid: string; // a hint, never a reason to believe
  readonly payload: T;
  readonly alg: string;
  readonly parts: Parts;
}

const header = object({ alg: string, typ: string, kid: hash });

/** takeApart reads a token of one type, of at most so many characters. */
export function takeApart<T>(compact: string, typ: string, most: number, shape: Shape<T>): Token<T> {
  if (compact.length > most) throw new TypeError("it is too long");
  const parts = split(compact);
  const read = parse(textOf(parts.header));
  const head = header(read);
  if (Object.keys(read as object).length !== 3) throw new TypeError("its header has other members than alg, typ and kid");
  if (head.typ !== typ) throw new TypeError("it is of another type");
  return { kid: head.kid, alg: head.alg, parts, payload: decode(parts.payload, shape) };
}

/** signedWith says whether a token is signed by a key. It never throws: what is no signature is none. */
export async function signedWith(token: Token<unknown>, jwk: Readonly<Jwk>): Promise<boolean> {
  if (token.kid !== thumbprintOfJwk(jwk)) return false;
  if (jwk.kty === "OKP") return token.alg === "EdDSA" && good(token.parts, fromBase64url(jwk.x));
  return token.alg === "ES256" && goodP256(token.parts, jwk);
}

async function goodP256({ signature, signed }: Parts, { x, y = "" }: Readonly<Jwk>): Promise<boolean> {
  const [curve, whole]: [EcKeyImportParams, Bytes] = [{ name: "ECDSA", namedCurve: "P-256" }, new Uint8Array([4, ...fromBase64url(x), ...fromBase64url(y)])];
  try {
    const key = await crypto.subtle.importKey("raw", whole, curve, false, ["verify"]);
    return signature.length === 64 && (await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed));
  } catch {
    return false;
  }
}
