// A program's session: OAuth 2.0 client credentials with private_key_jwt (RFC 7523), tokens bound to a key of this process
// (DPoP, RFC 9449) with the server's nonce. A token alone is worth nothing to whoever finds it.
//
// What may be repeated is repeated: a refused proof with the nonce that came, an expired token once, and what the vault asks to be
// asked again, within bounds. Idempotency keys make that safe for what creates something.
import { randomUUID } from "node:crypto";
import { base64url, newId, sha256 } from "./encoding.js";
import { Failure } from "./failure.js";
import { jws, keyOf, newProofKey } from "./key.js";

const attempts = 5;
const longestPause = 30; // seconds
const early = 30; // seconds before its end in which a token is not used

/** origin checks the address: a proof is bound to it, and nobody on the way may read what is sent. */
export function originOf(server) {
  let url;
  try {
    url = new URL(server);
  } catch {
    throw new Failure("configuration", "the server is not an address like https://vault.example");
  }
  const near = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname) || url.hostname.endsWith(".onion");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw new Failure("configuration", "the server is an origin: no path, query or name");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && near)) throw new Failure("configuration", "the server's address begins with https://");
  return url.origin;
}

export class Session {
  #origin;
  #client;
  #key;
  #scopes;
  #proof = newProofKey();
  #token = "";
  #until = 0;
  #nonce = "";
  #ahead = 0; // of the vault's clock, seconds
  #fetch;
  #pause;

  constructor({ server, client, key, scopes = [] }, { fetch = globalThis.fetch, pause = wait } = {}) {
    this.#origin = originOf(server);
    this.#client = client;
    this.#key = keyOf(key);
    this.#scopes = scopes;
    this.#fetch = fetch;
    this.#pause = pause;
  }

  get key() {
    return this.#key;
  }

  /** now is the vault's time: clocks of machines are wrong, and days are counted by the vault's. */
  now() {
    return Math.floor(Date.now() / 1000) + this.#ahead;
  }

  /** request asks for one thing and gives the JSON of the answer. */
  async request(method, path, { json, bytes, headers = {} } = {}) {
    const body = json === undefined ? bytes : JSON.stringify(json);
    const all = { Accept: "application/json", ...headers };
    if (json !== undefined) Object.assign(all, { "Content-Type": "application/json" });
    if (method === "POST") all["Idempotency-Key"] = `"${randomUUID()}"`;
    const { answer } = await this.#insist(async () => {
      await this.#signIn();
      return this.#send(method, path, { body, headers: { ...all, Authorization: `DPoP ${this.#token}` }, token: this.#token });
    });
    return answer;
  }

  async #insist(once) {
    for (let attempt = 1; ; attempt++) {
      const { response, answer } = await once();
      if (response.ok) return { response, answer };
      const what = this.#meaning(response, answer);
      if (attempt === attempts || what.repeat === undefined) throw what.failure;
      if (what.repeat > 0) await this.#pause(Math.min(what.repeat, longestPause));
    }
  }

  #meaning(response, answer) {
    const { status } = response;
    const name = typeof answer?.type === "string" ? answer.type.replace(/^.*[/:]/, "") : typeof answer?.error === "string" ? answer.error : "refused";
    const said = [answer?.title, answer?.detail ?? answer?.error_description].filter((text) => typeof text === "string").join(": ");
    const failure = new Failure(name, said === "" ? `the vault answered ${status}` : said, status);
    if (name === "use-dpop-nonce" || name === "use_dpop_nonce") return { failure, repeat: 0 };
    if (status === 401 && this.#token !== "") {
      this.#token = "";
      return { failure, repeat: 0 };
    }
    if ([429, 502, 503, 504].includes(status)) return { failure, repeat: Number(response.headers.get("retry-after")) || 1 };
    if (name === "idempotency-in-flight") return { failure, repeat: 1 };
    return { failure };
  }

  /** signIn gets a token where there is none that holds a while longer. */
  async #signIn() {
    if (this.#token !== "" && this.now() < this.#until) return;
    this.#token = "";
    await this.#ask();
    const { answer } = await this.#insist(() => this.#send("POST", "/v1/token", { body: this.#form().toString(), headers: { "Content-Type": "application/x-www-form-urlencoded" } }));
    if (answer?.token_type !== "DPoP" || typeof answer.access_token !== "string" || answer.access_token === "")
      throw new Failure("nonsense", "the vault gave a token that is not bound to its key");
    this.#token = answer.access_token;
    this.#until = this.now() + Number(answer.expires_in) - early;
  }

  /** ask learns the vault's time and its nonce. */
  async #ask() {
    const { answer } = await this.#insist(() => this.#send("GET", "/v1/vault", {}));
    if (Number.isInteger(answer?.time)) this.#ahead = answer.time - Math.floor(Date.now() / 1000);
  }

  #form() {
    const now = this.now();
    const claims = { iss: this.#client, sub: this.#client, aud: `${this.#origin}/v1/token`, jti: newId(), iat: now, exp: now + 60 };
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: jws(this.#key, { typ: "JWT", kid: this.#key.thumbprint }, claims),
    });
    if (this.#scopes.length > 0) form.set("scope", this.#scopes.join(" "));
    return form;
  }

  async #send(method, path, { body, headers = {}, token }) {
    const url = this.#origin + path;
    const proof = this.#prove(method, url, token);
    const response = await this.#fetch(url, { method, body, headers: { ...headers, DPoP: proof }, redirect: "error" });
    this.#nonce = response.headers.get("dpop-nonce") ?? this.#nonce;
    const text = await response.text();
    let answer;
    try {
      answer = text === "" ? undefined : JSON.parse(text);
    } catch {
      answer = undefined; // something between here and the vault
    }
    return { response, answer };
  }

  #prove(method, url, token) {
    const claims = { htm: method, htu: url.replace(/[?#].*$/, ""), iat: this.now(), jti: newId() };
    if (token !== undefined) claims.ath = base64url(sha256(token));
    if (this.#nonce !== "") claims.nonce = this.#nonce;
    return jws(this.#proof, { typ: "dpop+jwt", jwk: this.#proof.jwk }, claims);
  }
}

const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
