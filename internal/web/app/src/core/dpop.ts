// Proof of possession (RFC 9449; docs/protocol.md section 4): a fresh ES256 key for each session, which the browser keeps and
// never gives out. Whoever steals a token alone can do nothing with it. A proof is good for one request.
import { base64url, utf8, type Bytes } from "./bytes.ts";
import { hashOf, newId } from "./names.ts";

export interface ProofKey {
  readonly thumbprint: string; // what cnf.jkt holds
  readonly jwk: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string };
  readonly sign: (bytes: Bytes) => Promise<Bytes>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256" };

/** newProofKey makes a key whose private half cannot be exported, not even by this page. */
export async function newProofKey(): Promise<ProofKey> {
  const pair = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const jwk = { crv: "P-256", kty: "EC", x: base64url(point.slice(1, 33)), y: base64url(point.slice(33)) };
  const sign = async (bytes: Bytes) =>
    new Uint8Array(await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, bytes));
  return { thumbprint: hashOf(JSON.stringify(jwk)), jwk, sign };
}

/** What one proof is for. */
export interface Occasion {
  method: string;
  url: string; // a query is left out
  token: string; // "" at sign-in
  nonce: string; // the vault's newest, "" while none is known
  time: number; // Unix seconds; the vault does not compare it
}

/** prove makes the proof for one request. */
export async function prove(key: ProofKey, o: Occasion, random: (length: number) => Bytes): Promise<string> {
  const claims = {
    htm: o.method,
    htu: o.url.replace(/[?#].*$/, ""),
    iat: o.time,
    jti: newId(random),
    ...(o.token === "" ? {} : { ath: hashOf(o.token) }),
    ...(o.nonce === "" ? {} : { nonce: o.nonce }),
  };
  const text = [{ typ: "dpop+jwt", alg: "ES256", jwk: key.jwk }, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  return `${text}.${base64url(await key.sign(utf8(text)))}`;
}
