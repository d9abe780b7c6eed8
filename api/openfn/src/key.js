// The program's key: it signs assertions for tokens and the notes of what it brings. Tokens choose no algorithm: it is the key's.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign as signBytes } from "node:crypto";
import { base64url, sha256 } from "./encoding.js";
import { Failure } from "./failure.js";

/** keyOf takes a private key in PEM. */
export function keyOf(pem) {
  let key;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new Failure("configuration", "the key is not a private key in PEM (PKCS #8)"); // never what was given
  }
  return signer(key);
}

/** newProofKey makes the key that tokens are bound to. It is never written anywhere. */
export const newProofKey = () => signer(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);

function signer(key) {
  const { crv, kty, x, y } = createPublicKey(key).export({ format: "jwk" });
  const known = (kty === "OKP" && crv === "Ed25519") || (kty === "EC" && crv === "P-256");
  if (!known) throw new Failure("configuration", "the key is neither of Ed25519 nor of P-256");
  const jwk = kty === "OKP" ? { crv, kty, x } : { crv, kty, x, y }; // in the order that RFC 7638 hashes
  const alg = kty === "OKP" ? "EdDSA" : "ES256";
  const sign = (text) =>
    alg === "EdDSA" ? signBytes(null, Buffer.from(text), key) : signBytes("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" });
  return { jwk, alg, thumbprint: base64url(sha256(JSON.stringify(jwk))), sign };
}

/** jws makes a compact JWS of a header's further members and claims, in the order in which they stand. */
export function jws(key, header, claims) {
  const text = [{ alg: key.alg, ...header }, claims].map((part) => base64url(Buffer.from(JSON.stringify(part)))).join(".");
  return `${text}.${base64url(key.sign(text))}`;
}
