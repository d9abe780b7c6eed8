import assert from "node:assert/strict";
import { createPublicKey, createPrivateKey, verify } from "node:crypto";
import { test } from "node:test";
import { getDelivery, invite, listDeliveries, owed } from "../src/index.js";
import { originOf } from "../src/session.js";
import { configuration, fake, ids, taken } from "./fake.js";

const delivery = `GET /v1/deliveries/${ids.item}`;

for (const [name, config, alg] of [
  ["Ed25519", configuration(), "EdDSA"],
  ["P-256", configuration("ec", { namedCurve: "P-256" }), "ES256"],
])
  test(`a program signs in with a key of ${name}, and every request is bound to the token's key`, async () => {
    const vault = fake({ [delivery]: [{ json: { state: "waiting" } }] });
    const state = await getDelivery(ids.item)({ configuration: config, line: vault.line });
    assert.deepEqual(state.data, { state: "waiting" });
    const form = new URLSearchParams(vault.asked.find((a) => a.route === "POST /v1/token").body);
    const assertion = form.get("client_assertion");
    const [header, claims] = taken(assertion);
    assert.equal(header.alg, alg);
    assert.deepEqual([claims.iss, claims.sub, claims.aud, claims.exp - claims.iat], [ids.client, ids.client, "https://vault.example/v1/token", 60]);
    assert.ok(Math.abs(claims.iat - 1800000000) < 5, "the assertion goes by the vault's clock");
    const [text, signature] = [assertion.slice(0, assertion.lastIndexOf(".")), Buffer.from(assertion.split(".")[2], "base64url")];
    const key = createPublicKey(createPrivateKey(config.key));
    assert.ok(alg === "EdDSA" ? verify(null, Buffer.from(text), key, signature) : verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, signature));
    const asked = vault.asked.at(-1);
    const [proof, said] = taken(asked.headers.DPoP);
    assert.equal(asked.headers.Authorization, "DPoP token-canary");
    assert.deepEqual([proof.typ, proof.jwk.crv, said.htm, said.htu], ["dpop+jwt", "P-256", "GET", `https://vault.example/v1/deliveries/${ids.item}`]);
    assert.ok(said.ath && said.nonce === `nonce-${vault.asked.length - 1}`, "the proof is of this token, with the newest nonce");
    assert.equal(asked.redirect, "error");
  });

test("one token serves a run, and one that no longer counts is replaced once", async () => {
  const unauthorized = { status: 401, json: { type: "https://vault.example/problems/unauthorized", title: "No" } };
  const vault = fake({ [delivery]: [{ json: {} }, unauthorized, { json: {} }] });
  const state = { configuration: configuration(), line: vault.line };
  await getDelivery(ids.item)(state);
  await getDelivery(ids.item)(state);
  assert.equal(vault.asked.filter((a) => a.route === "POST /v1/token").length, 2);
  const halted = fake({ [delivery]: [unauthorized], "POST /v1/token": [{ json: { access_token: "t", token_type: "DPoP", expires_in: 600 } }] });
  await assert.rejects(getDelivery(ids.item)({ configuration: configuration(), line: halted.line }), { name: "unauthorized", status: 401 });
  assert.ok(halted.asked.length < 30, "it gives up");
});

test("what the vault asks to be asked again is, within bounds and under one idempotency key", async () => {
  const busy = { status: 429, json: { type: "urn:x:too-many" }, headers: { "Retry-After": "7" } };
  const vault = fake({ "POST /v1/partner/invitations": [busy, { status: 503 }, { json: { invitation: "x", expires: 1 } }] });
  const { data } = await invite()({ configuration: configuration(), line: vault.line });
  assert.deepEqual([data.invitation, data.tray.length, vault.paused], ["x", 26, [7, 1]]);
  const keys = new Set(vault.asked.filter((a) => a.method === "POST" && a.route !== "POST /v1/token").map((a) => a.headers["Idempotency-Key"]));
  assert.equal(keys.size, 1);
  assert.match([...keys][0], /^"[0-9a-f-]{36}"$/);
  const gone = fake({ "GET /v1/owed-withdrawals": [{ status: 503, headers: { "Retry-After": "86400" } }] });
  await assert.rejects(owed()({ configuration: configuration(), line: gone.line }), { status: 503 });
  assert.deepEqual(gone.paused, [30, 30, 30, 30]);
});

test("a refused token is a failure that says what to do, and holds nothing secret", async () => {
  const config = configuration();
  const vault = fake({ "POST /v1/token": [{ status: 401, json: { error: "invalid_client", error_description: "Ask an officer." } }] });
  const failure = await owed()({ configuration: config, line: vault.line }).catch((e) => e);
  assert.deepEqual([failure.name, failure.message, failure.status], ["invalid_client", "Ask an officer.", 401]);
  const nobody = await owed()({ configuration: { ...config, key: "key-canary" }, line: vault.line }).catch((e) => e);
  assert.ok(!String(nobody.stack).includes("canary") && nobody.name === "configuration");
});

test("nothing is sent over a line that others read, or to an address that is no origin", () => {
  for (const bad of ["http://vault.example", "ftp://vault.example", "https://vault.example/x", "https://a:b@vault.example", "https://vault.example/?q", "vault", ""])
    assert.throws(() => originOf(bad), { name: "configuration" }, bad);
  for (const good of ["https://vault.example", "http://127.0.0.1:8080", "http://abc.onion"]) assert.equal(originOf(good), good);
});

test("a list goes on from where it was, ends, and asks for no more pages than it may", async () => {
  const page = (n) => ({ json: { deliveries: [{ item: ids.item, state: "waiting" }], next: String(n) } });
  const vault = fake({ "GET /v1/deliveries": [page(1), page(2), { json: { deliveries: [], next: "2" } }] });
  const { data } = await listDeliveries({ after: "0" })({ configuration: configuration(), line: vault.line });
  assert.deepEqual([data.deliveries.length, data.next], [2, "2"]);
  assert.deepEqual(vault.asked.slice(-3).map((a) => a.search), ["?after=0", "?after=1", "?after=2"]);
  let n = 0;
  const endless = fake({ "GET /v1/deliveries": Array.from({ length: 50 }, () => page(n++)) });
  assert.equal((await listDeliveries({ pages: 3 })({ configuration: configuration(), line: endless.line })).data.deliveries.length, 3);
});

test("what is no identifier becomes no part of an address", async () => {
  const vault = fake();
  for (const bad of ["../token", "", undefined, "x".repeat(26), ids.item + "?x", ids.item.toUpperCase()])
    await assert.rejects(getDelivery(bad)({ configuration: configuration(), line: vault.line }), { name: "arguments" });
  assert.equal(vault.asked.length, 0);
});
