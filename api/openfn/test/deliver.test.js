import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Decrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { deliver, execute, newItem, trayOf } from "../src/index.js";
import { container, lengthClass } from "../src/seal.js";
import { configuration, fake, ids, taken } from "./fake.js";

const route = `PUT /v1/deliveries/${ids.item}`;
const identity = await generateHybridIdentity();
const recipient = await identityToRecipient(identity);
const told = { tray: ids.tray, recipient, content: "content-canary: كنت أحمل الخبز", mediaType: "text/plain", name: "شهادتي.txt", item: ids.item };

test("what is delivered opens with age, and its note says exactly what it is", async () => {
  const config = configuration();
  const vault = fake({ [route]: [{ json: { item: ids.item, day: 1799971200 } }] });
  const state = await deliver(() => told)({ configuration: config, line: vault.line });
  assert.deepEqual(state.data, { item: ids.item, day: 1799971200 });
  const put = vault.asked.at(-1);
  const header = Buffer.from(put.headers["Testimony-Header"], "base64url");
  const opener = new Decrypter();
  opener.addIdentity(identity);
  const tar = Buffer.from(await opener.decrypt(Buffer.concat([header, put.body])));
  assert.equal(tar.length, 16384);
  assert.ok(tar.includes("content-canary: كنت أحمل الخبز") && tar.includes('{"media_type":"text/plain","name":"شهادتي.txt","kind":"original","derived_from":0}'));
  const [head, note] = taken(put.headers["Testimony-Delivery"]);
  const digest = (bytes) => createHash("sha256").update(bytes).digest("base64url");
  assert.deepEqual([head.typ, note.iss, note.client, note.aud, note.item, note.assurance], ["tv-delivery+jwt", ids.client, ids.client, config.vault, ids.item, "gateway"]);
  assert.deepEqual([note.length, note.payload_sha256, note.header_sha256, note.recipient_sha256], [put.body.length, digest(put.body), digest(header), digest(recipient)]);
  assert.equal(note.day % 86400, 0);
});

test("nothing of the content, her code or the key is in the state, in what is logged, or readable on the line", async (t) => {
  const printed = [];
  for (const name of ["log", "error", "warn", "info", "debug"]) t.mock.method(console, name, (...words) => printed.push(...words));
  const config = configuration();
  const vault = fake({ [route]: [{ json: { item: ids.item, day: 1 } }] });
  const { configuration: _, line: __, ...kept } = await execute(deliver(told))({ configuration: config, line: vault.line });
  assert.ok(!JSON.stringify(kept).includes("canary") && !JSON.stringify(kept).includes(ids.tray) && printed.length === 0);
  for (const asked of vault.asked) {
    assert.ok(!`${asked.route}${asked.search}`.includes(ids.tray), "the code stands in no address");
    assert.ok(!Buffer.from(asked.body ?? "").includes("canary"));
    assert.ok(!JSON.stringify(asked).includes(config.key.split("\n")[1]));
  }
});

test("each delivery has a key of its own, and a repeated item id is the caller's to give", async () => {
  const vault = fake({ [route]: [{ json: {} }] });
  const state = { configuration: configuration(), line: vault.line };
  await deliver(told)(state);
  await deliver(told)(state);
  const [one, two] = vault.asked.filter((a) => a.route === route);
  assert.notDeepEqual(one.body, two.body);
  assert.match(newItem(), /^[a-z2-7]{26}$/);
  assert.notEqual(newItem(), newItem());
});

test("what cannot be sealed to her alone, or is not said right, is refused before anything is sent", async () => {
  const classic = await identityToRecipient(await generateX25519Identity());
  const vault = fake();
  for (const bad of [{ recipient: classic }, { recipient: "age1pq1" }, { recipient: undefined }, { tray: "short" }, { tray: undefined }, { item: "../x" }, { content: 5 },
    { content: undefined }, { mediaType: "text" }, { mediaType: undefined }, { name: "../x" }, { name: "x".repeat(300) }, { name: "\ud800" }, { assurance: "vault" }, { consultation: "x" }])
    await assert.rejects(deliver({ ...told, ...bad })({ configuration: configuration(), line: vault.line }), ({ name }) => ["recipient", "arguments", "item"].includes(name), JSON.stringify(bad));
  assert.equal(vault.asked.length, 0);
});

test("sizes tell the content's by class", () => {
  assert.deepEqual([1, 16384, 16385, 65536, 65537, 1e6].map(lengthClass), [16384, 16384, 32768, 65536, 67584, 1015808]);
  for (const size of [0, 1, 511, 512, 513, 100_000]) {
    const tar = container(Buffer.alloc(size, 1), { mediaType: "audio/webm" });
    assert.equal(tar.length, lengthClass(tar.length));
    assert.equal(tar.subarray(0, 17).toString(), "TESTIMONY-VAULT-1");
  }
});

test("the tray of an invitation is the one that the vault makes", () => {
  assert.equal(trayOf("invitation").length, 26);
  assert.notEqual(trayOf("invitation"), trayOf("invitation "));
});
