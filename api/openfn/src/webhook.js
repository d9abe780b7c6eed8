// Verifying what the vault sends (Standard Webhooks, v1a: Ed25519). A request that does not verify is nobody's word.
import { createPublicKey, verify } from "node:crypto";
import { Failure } from "./failure.js";

const tolerance = 300; // seconds

/** verifyWebhook gives the event of a request, or throws. raw is the body as it came: JSON that was parsed and written again has other
 *  bytes. keys are the `public` ones of the endpoint (whpk_…), old and new while they are turned. The same event can come twice:
 *  remember `id`. */
export function verifyWebhook({ headers, raw, keys, now = Math.floor(Date.now() / 1000) }) {
  const lower = Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value[0] : value]));
  const [id, time, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => lower[name]);
  if (typeof raw !== "string" && !Buffer.isBuffer(raw)) throw new Failure("webhook", "give the body as it came, before anything parsed it");
  if (![id, time, signatures].every((text) => typeof text === "string") || !/^[0-9]{1,12}$/.test(time)) throw refused();
  if (Math.abs(now - Number(time)) > tolerance) throw new Failure("webhook", "the request is too old, or this machine's clock is wrong");
  const body = Buffer.from(raw);
  const signed = Buffer.concat([Buffer.from(`${id}.${time}.`), body]);
  if (!(keys ?? []).some((key) => holds(key, signed, signatures))) throw refused();
  let event;
  try {
    event = JSON.parse(body.toString("utf8"));
  } catch {
    throw refused();
  }
  if (typeof event?.type !== "string" || typeof event?.data?.id !== "string") throw refused();
  return { id, type: event.type, timestamp: event.timestamp, about: event.data.id };
}

function holds(key, signed, signatures) {
  const raw = Buffer.from(key.replace(/^whpk_/, ""), "base64");
  if (!key.startsWith("whpk_") || raw.length !== 32) return false;
  const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  return signatures.split(" ").some((text) => {
    const [version, encoded = ""] = text.split(",");
    const signature = Buffer.from(encoded, "base64");
    return version === "v1a" && signature.length === 64 && verify(null, signed, publicKey, signature);
  });
}

const refused = () => new Failure("webhook", "this is not the vault's request: do nothing on the strength of it");
