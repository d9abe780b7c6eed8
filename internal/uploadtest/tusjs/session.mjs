// A session with a vault, made from the digits of her card with the Web Crypto API
// alone, as a browser would (docs/protocol.md, sections 4 and 7).

const { subtle } = globalThis.crypto;
const text = new TextEncoder();
const b64 = (bytes) => Buffer.from(bytes).toString("base64url");
const sha256 = (text) => subtle.digest("SHA-256", Buffer.from(text));

// seed is 39 digits of a number of 128 bits and a check digit, in groups.
async function seed(card, vault) {
  const number = BigInt(card.replaceAll(/\D/g, "").slice(0, 39));
  const secret = Buffer.from(number.toString(16).padStart(32, "0"), "hex");
  const salt = await sha256(Buffer.concat([text.encode("testimony-vault/v1\0"), Buffer.from(vault, "base64url")]));
  const key = await subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info: text.encode("ed25519") }, key, 256);
}

// signer is the Ed25519 key of a seed; the bytes before it say so (RFC 8410).
async function signer(seed) {
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed)]);
  const key = await subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  return { key, jwk: { crv: "Ed25519", kty: "OKP", x: (await subtle.exportKey("jwk", key)).x } };
}

async function jws(header, claims, algorithm, key) {
  const said = `${b64(JSON.stringify(header))}.${b64(JSON.stringify(claims))}`;
  return `${said}.${b64(await subtle.sign(algorithm, key, text.encode(said)))}`;
}

const thumbprint = async (jwk) => b64(await sha256(JSON.stringify(jwk)));

export class Session {
  #origin;
  #hers;
  #proof;
  #now = null; // what a sign-in gave, as a promise, so that two who ask share one
  #nonce = "";

  static async of({ origin, vault, card }) {
    const s = new Session();
    s.#origin = origin;
    s.#hers = await signer(await seed(card, vault));
    const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const { crv, kty, x, y } = await subtle.exportKey("jwk", pair.publicKey);
    s.#proof = { key: pair.privateKey, jwk: { crv, kty, x, y } };
    return s;
  }

  // headers are those that let one request in.
  async headers(method, url) {
    this.#now ??= this.#signIn();
    const { token, time } = await this.#now.catch((err) => {
      this.#now = null;
      throw err;
    });
    const ath = b64(await sha256(token));
    return { Authorization: `DPoP ${token}`, DPoP: await this.#prove({ htm: method, htu: url, iat: time, ath, nonce: this.#nonce }) };
  }

  // heard keeps the nonce of an answer. A session that is refused is over.
  heard(status, nonce) {
    if (nonce) this.#nonce = nonce;
    if (status === 401) this.#now = null;
  }

  async #signIn() {
    const challenge = await this.#post("/v1/session/challenge", undefined, {});
    const claims = {
      iss: await thumbprint(this.#hers.jwk),
      aud: this.#origin,
      nonce: challenge.nonce,
      iat: challenge.time,
      cnf: { jkt: await thumbprint(this.#proof.jwk) },
    };
    const login = await jws({ alg: "EdDSA", typ: "tv-login+jwt", jwk: this.#hers.jwk }, claims, "Ed25519", this.#hers.key);
    const path = "/v1/session";
    const DPoP = await this.#prove({ htm: "POST", htu: this.#origin + path, iat: challenge.time });
    return { token: (await this.#post(path, { login }, { DPoP })).access_token, time: challenge.time };
  }

  #prove(claims) {
    const header = { typ: "dpop+jwt", alg: "ES256", jwk: this.#proof.jwk };
    return jws(header, { ...claims, jti: crypto.randomUUID() }, { name: "ECDSA", hash: "SHA-256" }, this.#proof.key);
  }

  async #post(path, body, headers) {
    const answer = await fetch(this.#origin + path, {
      method: "POST",
      headers: body ? { "Content-Type": "application/json", ...headers } : headers,
      body: body && JSON.stringify(body),
    });
    this.heard(answer.status, answer.headers.get("DPoP-Nonce"));
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
