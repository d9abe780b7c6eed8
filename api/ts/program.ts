// A partner's program as a client of OAuth 2.0 (docs/protocol.md section 16): client credentials, with an assertion that the program signs
// (private_key_jwt, RFC 7523) in place of a secret, and tokens that are bound to a key of this process (DPoP, RFC 9449). WebCrypto
// alone. The program's key is never sent, and can be one that nobody can export; a token that was stolen opens nothing without the
// proof key, which is made here and leaves by no way.
import { base64url, fromBase64, text, utf8, type Bytes } from "./core/bytes.ts";
import type { Client } from "./core/client.ts";
import { newProofKey, prove, type ProofKey } from "./core/dpop.ts";
import { Failure } from "./core/failure.ts";
import { hashOf, newId } from "./core/names.ts";

/** What two officers registered: the id of the program, and its key. */
export interface ProgramConfig {
  /** The vault and its line. Keys of an account are not used. */
  readonly client: Client;
  /** The id of the program, as the officers registered it. */
  readonly program: string;
  /** The program's private key: Ed25519 or ECDSA on P-256. */
  readonly key: ProgramKey;
  /** What the token may do, in place of all that the registration allows: the less, the better. */
  readonly scopes?: readonly string[];
}

/** A private key that signs for a program. */
export interface ProgramKey {
  readonly alg: "EdDSA" | "ES256";
  readonly kid: string; // RFC 7638
  readonly sign: (bytes: Bytes) => Promise<Bytes>;
}

/** A program that is signed in whenever it has to be. */
export interface Program {
  /** The token in force, or a new one when there is none or it ends within half a minute. Many calls, one sign-in. */
  readonly token: () => Promise<string>;
  /** The headers with which one request of this method to this address of the vault may go: the token, and a proof that is good once. */
  readonly headers: (method: string, url: string) => Promise<{ Authorization: string; DPoP: string }>;
  /** fetch for a path of the vault, with those headers. It is sent once more when the vault wants a newer nonce in the proof: give
   *  a body that can be sent twice, no stream. Whatever else the vault answers is handed on. */
  readonly fetch: (path: string, init?: ProgramRequest) => Promise<Response>;
  /** For api(client, before): every operation of the contract, as this program. */
  readonly before: () => Promise<void>;
}

export interface ProgramRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Bytes | Blob;
  readonly signal?: AbortSignal;
}

const curves = { EdDSA: { name: "Ed25519" }, ES256: { name: "ECDSA", namedCurve: "P-256" } } as const;

/** programKey reads a private key in PEM (PKCS #8), as `testimony partner key` and OpenSSL write it. What it gives cannot be
 *  exported again: forget the text. */
export async function programKey(pem: string): Promise<ProgramKey> {
  const body = /^\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]{1,1000})-----END PRIVATE KEY-----\s*$/.exec(pem)?.[1];
  if (body === undefined) throw new Failure("refused", "this is no private key in PKCS #8 and PEM");
  for (const alg of ["EdDSA", "ES256"] as const) {
    try {
      const der = fromBase64(body.replace(/\s/g, "").replace(/=+$/, ""));
      const key = await crypto.subtle.importKey("pkcs8", der, curves[alg], true, ["sign"]);
      const jwk = await crypto.subtle.exportKey("jwk", key);
      const kept = await crypto.subtle.importKey("pkcs8", der, curves[alg], false, ["sign"]);
      der.fill(0);
      return keyOf(alg, kept, jwk);
    } catch {
      continue; // of the other kind, or of none
    }
  }
  throw new Failure("refused", "a program's key is Ed25519 or P-256");
}

/** programKeyOf takes a key pair of WebCrypto, the private half of which need not be extractable. */
export async function programKeyOf(pair: CryptoKeyPair): Promise<ProgramKey> {
  const { name } = pair.privateKey.algorithm;
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  if (name === "Ed25519") return keyOf("EdDSA", pair.privateKey, jwk);
  if (name === "ECDSA" && jwk.crv === "P-256") return keyOf("ES256", pair.privateKey, jwk);
  throw new Failure("refused", "a program's key is Ed25519 or P-256");
}

function keyOf(alg: "EdDSA" | "ES256", key: CryptoKey, { x = "", y = "" }: JsonWebKey): ProgramKey {
  const members = alg === "EdDSA" ? { crv: "Ed25519", kty: "OKP", x } : { crv: "P-256", kty: "EC", x, y };
  const how = alg === "EdDSA" ? { name: "Ed25519" } : { name: "ECDSA", hash: "SHA-256" };
  const sign = async (bytes: Bytes) => new Uint8Array(await crypto.subtle.sign(how, key, bytes));
  return { alg, kid: hashOf(JSON.stringify(members)), sign };
}

const margin = 30; // seconds before its end in which a token is not used
const longest = 64 << 10; // characters of an answer about a token

interface Live {
  readonly token: string;
  readonly until: number; // seconds of performance.now: a clock that nobody sets
}

/** newProgram checks nothing and sends nothing; the first request signs in. */
export function newProgram({ client, program, key, scopes = [] }: ProgramConfig): Program {
  let live: Live | undefined;
  let signingIn: Promise<Live> | undefined;
  let ahead: number | undefined; // seconds, of the vault's clock
  const proofKey = once(newProofKey);
  const elapsed = () => performance.now() / 1000;
  const now = () => Math.floor(client.now() / 1000) + (ahead ?? 0);

  /** proved sends what compose makes, and once more, made anew, when the vault answers with the nonce that it wants. */
  async function proved(method: string, path: string, token: string, compose: () => Promise<ProgramRequest>): Promise<Response> {
    const first = await sendOnce(method, path, token, await compose());
    if (!(await wantsNonce(first))) return first;
    await first.body?.cancel();
    return sendOnce(method, path, token, await compose());
  }

  async function sendOnce(method: string, path: string, token: string, { body, headers, signal }: ProgramRequest): Promise<Response> {
    const url = client.server + path;
    const proof = await proofOf(method, url, token);
    const all = { ...headers, DPoP: proof, ...(token === "" ? {} : { Authorization: `DPoP ${token}` }) };
    return reach(client, url, { method, headers: all, ...(body === undefined ? {} : { body }), ...(signal === undefined ? {} : { signal }) });
  }

  async function proofOf(method: string, url: string, token: string): Promise<string> {
    return prove(await proofKey(), { method, url, token, nonce: client.session.nonce, time: now() }, client.random);
  }

  /** learnTime asks for the vault's clock: assertions and proofs of a machine whose own is wrong would be refused. */
  async function learnTime(): Promise<void> {
    const sent = Math.floor(client.now() / 1000);
    const answer = await objectOf(await reach(client, `${client.server}/v1/vault`, { method: "GET" }));
    if (typeof answer["time"] !== "number" || !Number.isSafeInteger(answer["time"])) throw new Failure("nonsense", "a vault without a clock");
    ahead = answer["time"] - sent;
  }

  async function assertion(): Promise<ProgramRequest> {
    const claims = { iss: program, sub: program, aud: `${client.server}/v1/token`, jti: newId(client.random), iat: now(), exp: now() + 60 };
    const signed = [{ alg: key.alg, typ: "JWT", kid: key.kid }, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: `${signed}.${base64url(await key.sign(utf8(signed)))}`,
      ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    });
    return { body: form.toString(), headers: { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" } };
  }

  async function signIn(): Promise<Live> {
    if (ahead === undefined) await learnTime();
    const sent = elapsed();
    const response = await proved("POST", "/v1/token", "", assertion);
    if (!response.ok) throw await refusal(response);
    const { access_token: token, token_type: type, expires_in: seconds } = await objectOf(response);
    if (type !== "DPoP" || typeof token !== "string" || token === "" || typeof seconds !== "number" || !(seconds > 0)) {
      throw new Failure("nonsense", "the vault gave a token that is not bound to its key, or none");
    }
    return { token, until: sent + seconds - margin };
  }

  async function current(): Promise<Live> {
    if (live !== undefined && elapsed() < live.until) return live;
    signingIn ??= signIn().finally(() => (signingIn = undefined));
    return (live = await signingIn);
  }

  /** forget drops the token that was refused: a key was retired, or the vault has forgotten it. The next call signs in. */
  function forget(token: string): void {
    if (live?.token === token) live = undefined;
  }

  return {
    token: async () => (await current()).token,
    headers: async (method, url) => {
      const { token } = await current();
      const to = new URL(url, client.server);
      if (to.origin !== client.server) throw new Failure("refused", "a token goes to its own vault only");
      return { Authorization: `DPoP ${token}`, DPoP: await proofOf(method.toUpperCase(), to.href, token) };
    },
    fetch: async (path, init = {}) => {
      if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(path)) throw new Failure("refused", "a path of the vault begins with one slash");
      const { token } = await current();
      const response = await proved((init.method ?? "GET").toUpperCase(), path, token, () => Promise.resolve(init));
      if (response.status === 401 && !(await wantsNonce(response))) forget(token);
      return response;
    },
    before: async () => {
      if (live !== undefined && client.session.live === undefined && client.session.until > 0) forget(live.token); // it was refused
      const { token, until } = await current();
      client.session.live = { key: await proofKey(), token };
      client.session.until = client.now() + (until - elapsed()) * 1000;
      client.session.ahead = (ahead ?? 0) * 1000;
    },
  };
}

function once(make: () => Promise<ProofKey>): () => Promise<ProofKey> {
  let made: Promise<ProofKey> | undefined;
  return () => (made ??= make());
}

/** wantsNonce recognises both refusals: of a request (RFC 9449, section 9), and of a request for a token (section 8). */
async function wantsNonce(response: Response): Promise<boolean> {
  if (response.status === 401) return (response.headers.get("WWW-Authenticate") ?? "").includes('error="use_dpop_nonce"');
  if (response.status !== 400) return false;
  const said = await objectOf(response.clone()).catch(() => undefined);
  return said?.["error"] === "use_dpop_nonce";
}

/** reach sends one request. No redirect is followed: it would lead to an address that the proof does not name. */
async function reach(client: Client, url: string, init: RequestInit): Promise<Response> {
  try {
    const response = await client.fetch(url, { ...init, redirect: "error", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" });
    client.session.nonce = response.headers.get("DPoP-Nonce") ?? client.session.nonce;
    return response;
  } catch (cause) {
    throw new Failure(init.signal?.aborted === true ? "stopped" : "unavailable", "", { cause: cause instanceof Error ? cause.name : undefined });
  }
}

async function objectOf(response: Response): Promise<Record<string, unknown>> {
  const said = text(new Uint8Array(await response.arrayBuffer()));
  const read: unknown = said.length > longest ? undefined : JSON.parse(said);
  if (typeof read !== "object" || read === null) throw new Failure("nonsense", "an answer that is no object");
  return read as Record<string, unknown>;
}

/** refusal reads the answer that OAuth has for it (RFC 6749, section 5.2). All that is wrong with a client is one answer. */
async function refusal(response: Response): Promise<Failure> {
  const { status } = response;
  const said = await objectOf(response).catch(() => ({}) as Record<string, unknown>);
  const name = typeof said["error"] === "string" ? said["error"] : "";
  const detail = typeof said["error_description"] === "string" ? said["error_description"] : "";
  const after = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const code = status === 429 ? "too-many" : [502, 503, 504].includes(status) ? "unavailable" : "vault-refused";
  return new Failure(code, name, { problem: { name, status, title: "", detail }, ...(after > 0 ? { retryAfter: after } : {}) });
}
