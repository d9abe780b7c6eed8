// A vault in a function, for tests of what goes over the line. It keeps what was asked.
import { generateKeyPairSync } from "node:crypto";

export const ids = { partner: "a".repeat(26), client: "b".repeat(25) + "a", tray: "c".repeat(25) + "a", item: "d".repeat(25) + "a" };

export function configuration(kind = "ed25519", options = {}) {
  const { privateKey } = generateKeyPairSync(kind, options);
  return { server: "https://vault.example", vault: "A".repeat(43), partner: ids.partner, client: ids.client, key: privateKey.export({ type: "pkcs8", format: "pem" }) };
}

/** fake answers by route: a list of answers, the last of which stays. */
export function fake(routes = {}) {
  const asked = [];
  const paused = [];
  const defaults = {
    "GET /v1/vault": [{ json: { time: 1800000000 } }],
    "POST /v1/token": [{ json: { access_token: "token-canary", token_type: "DPoP", expires_in: 600, scope: "deliver" } }],
    "GET /v1/partner": [{ json: { partner: ids.partner } }],
  };
  const all = Object.fromEntries(Object.entries({ ...defaults, ...routes }).map(([route, answers]) => [route, [...answers]]));
  const fetch = async (url, init) => {
    const { pathname, search } = new URL(url);
    const route = `${init.method} ${pathname}`;
    asked.push({ route, search, ...init });
    const answers = all[route];
    if (answers === undefined) throw new Error(`nobody asked for ${route}`);
    const { status = 200, json, headers = {} } = answers.length > 1 ? answers.shift() : answers[0];
    return new Response(json === undefined ? null : JSON.stringify(json), { status, headers: { "DPoP-Nonce": `nonce-${asked.length}`, ...headers } });
  };
  return { asked, paused, line: { fetch, pause: async (seconds) => void paused.push(seconds) } };
}

/** claims of a compact JWS, with its header. */
export const taken = (jws) => jws.split(".").slice(0, 2).map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
