import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { verifyWebhook } from "../src/index.js";

const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { privateKey, public: `whpk_${publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64")}` };
};
const [mine, other] = [pair(), pair()];
const now = 1800000000;
const raw = '{"type":"consent.withdrawn","timestamp":"2026-05-17T00:00:00Z","data":{"id":"d3vyqkz4r2m5c7xgwt5jn6ahpe"}}';

function request({ key = mine, body = raw, id = "event", time = now } = {}) {
  const signature = sign(null, Buffer.from(`${id}.${time}.${body}`), key.privateKey).toString("base64");
  return { headers: { "Webhook-Id": id, "webhook-timestamp": String(time), "Webhook-Signature": `v1,AAAA v1a,${signature}` }, raw: body, keys: [other.public, mine.public], now };
}

const verified = async (r) => (await verifyWebhook(r)({})).data;

test("what the vault signed is an event", async () => {
  const want = { id: "event", type: "consent.withdrawn", timestamp: "2026-05-17T00:00:00Z", about: "d3vyqkz4r2m5c7xgwt5jn6ahpe" };
  assert.deepEqual(await verified(request()), want);
  assert.deepEqual(await verified({ ...request(), raw: Buffer.from(raw) }), want);
  assert.deepEqual((await verifyWebhook((state) => state.request)({ request: request({ key: other }) })).data, want);
});

test("everything else is nobody's word", async () => {
  const good = request();
  const forged = {
    "another body": { ...good, raw: raw.replace("withdrawn", "given") },
    "a body that was parsed": { ...good, raw: JSON.parse(raw) },
    "another id": { ...good, headers: { ...good.headers, "Webhook-Id": "x" } },
    "another time": { ...good, headers: { ...good.headers, "webhook-timestamp": String(now + 1) } },
    "a time that is none": { ...good, headers: { ...good.headers, "webhook-timestamp": `${now}.0` } },
    "long ago": request({ time: now - 301 }),
    "not yet": request({ time: now + 301 }),
    "a key nobody has": { ...good, keys: [other.public] },
    "no keys": { ...good, keys: [] },
    "a shared key": { ...good, keys: [`whsec_${mine.public.slice(5)}`] },
    "no signature": { ...good, headers: { "Webhook-Id": "event", "webhook-timestamp": String(now) } },
    "only a shared key's signature": { ...good, headers: { ...good.headers, "Webhook-Signature": good.headers["Webhook-Signature"].replace("v1a", "v1") } },
    "no headers": { raw, keys: [mine.public], now },
    "no event": request({ body: "[]" }),
    "no JSON": request({ body: "x" }),
  };
  for (const [name, r] of Object.entries(forged)) await assert.rejects(verified(r), { name: "webhook" }, name);
});
