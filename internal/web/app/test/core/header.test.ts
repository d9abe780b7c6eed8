// Headers: made here and opened by age-encryption, stock age and Go, and the other way round; everything else refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import { concat, equal, fromHex, hex, text, utf8, type Bytes } from "../../src/core/bytes.ts";
import { is } from "../../src/core/failure.ts";
import { compose, headerEnd, headerSize, newFileKey, open, parse } from "../../src/core/header.ts";
import { identityOf, parseRecipient, recipientOf } from "../../src/core/hybrid.ts";
import { derive } from "../../src/core/keyring.ts";
import { lowOrder } from "../../src/core/point.ts";
import { ask, noise } from "./oracle.ts";

const secret = fromHex("000102030405060708090a0b0c0d0e0f");
const vault = new Uint8Array(32).fill(9);
const keys = derive(secret, vault);

const refused = (header: Bytes, why: string) => assert.throws(() => parse(header), (error) => is(error, "part-swapped"), why);

test("recipients and identities are those of age-encryption", async () => {
  for (let i = 0; i < 4; i++) {
    const seed = crypto.getRandomValues(new Uint8Array(32));
    assert.equal(recipientOf(seed), await identityToRecipient(identityOf(seed)));
  }
});

test("headers made here open with age-encryption and with Go", async () => {
  for (let i = 0; i < 4; i++) {
    const fileKey = newFileKey();
    const header = compose(fileKey, keys.recipient);
    assert.equal(header.length, headerSize);
    assert.equal(parse(header).pq, true);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identityOf(keys.seed));
    assert.deepEqual(new Uint8Array(await decrypter.decryptHeader(header)), fileKey);
    assert.deepEqual(open(header, keys.seed), fileKey);
    const nonce = new Uint8Array(16);
    const { bytes, sha256, commit } = await ask({ op: "seal", key: fileKey, nonce, bytes: utf8("x") });
    assert.deepEqual((await ask({ op: "open", secret, vault, header, bytes, sha256, commit })).bytes, utf8("x"));
  }
});

test("headers made by age-encryption and by Go open here", async () => {
  const encrypter = new Encrypter();
  encrypter.addRecipient(keys.recipient);
  const file = new Uint8Array(await encrypter.encrypt(utf8("hello")));
  const header = file.slice(0, headerEnd(file));
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityOf(keys.seed));
  assert.deepEqual(open(header, keys.seed), new Uint8Array(await decrypter.decryptHeader(header)));
  const key = newFileKey();
  const made = await ask({ op: "compose", key, recipient: keys.recipient });
  assert.deepEqual(open(made.header, keys.seed), key);
});

test("every byte of a header counts", () => {
  const fileKey = newFileKey();
  const header = compose(fileKey, keys.recipient);
  for (let i = 0; i < header.length; i += i < 60 || i > header.length - 100 ? 1 : 37) {
    for (const bit of [1, 0x20, 0x80]) {
      const changed = header.slice();
      changed[i] = (changed[i] ?? 0) ^ bit;
      assert.throws(() => open(changed, keys.seed), (error) => is(error, "part-swapped", "own-keys"), `byte ${i}`);
    }
  }
});

test("one stanza, of an allowed type, in one spelling, and nothing after it", () => {
  const header = compose(newFileKey(), keys.recipient);
  const [intro = "", stanza = "", body = "", closing = ""] = text(header).split("\n");
  const bad: Record<string, string> = {
    "two stanzas": [intro, stanza, body, stanza, body, closing, ""].join("\n"),
    "no stanza": [intro, closing, ""].join("\n"),
    "a grease stanza": [intro, stanza, body, "-> x-grease y", "", closing, ""].join("\n"),
    scrypt: [intro, "-> scrypt bBjlhJVYZeE4aqUdmtRHfw 18", body, closing, ""].join("\n"),
    tag: [intro, stanza.replace("mlkem768x25519", "mlkem768p256tag"), body, closing, ""].join("\n"),
    "a prototype's name": [intro, stanza.replace("mlkem768x25519", "constructor"), body, closing, ""].join("\n"),
    "another argument": [intro, `${stanza} x`, body, closing, ""].join("\n"),
    "a longer body": [intro, stanza, `${body}AAAA`, closing, ""].join("\n"),
    "no closing newline": [intro, stanza, body, closing].join("\n"),
    "something after": [intro, stanza, body, closing, "x"].join("\n"),
    "carriage returns": text(header).replaceAll("\n", "\r\n"),
    padding: [intro, stanza, `${body}=`, closing, ""].join("\n"),
    "another version": [intro.replace("v1", "v2"), stanza, body, closing, ""].join("\n"),
    "stray bits": [intro, stanza, body.slice(0, -1) + String.fromCharCode(body.charCodeAt(body.length - 1) + 1), closing, ""].join("\n"),
    empty: "",
    long: "age-encryption.org/v1\n" + "x".repeat(9000),
  };
  for (const [why, header] of Object.entries(bad)) refused(utf8(header), why);
  refused(concat(header, Uint8Array.of(0xff)), "not UTF-8");
});

test("a classic header is read as one, and never composed", () => {
  const share = Buffer.from(noise(32)).toString("base64").replaceAll("=", "");
  const classic = (point: string) => utf8(`age-encryption.org/v1\n-> X25519 ${point}\n${share}\n--- ${share}\n`);
  const header = classic(share);
  assert.equal(header.length, 168);
  assert.equal(parse(header).pq, false);
  assert.throws(() => open(header, keys.seed), (error) => is(error, "own-keys"));
  refused(classic("A".repeat(43)), "a point of low order");
  for (const to of ["age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", keys.recipient.toUpperCase(), ""]) {
    assert.throws(() => compose(newFileKey(), to), (error) => is(error, "classic"));
  }
});

test("points of low order are refused in each encoding", async () => {
  const { x25519 } = await import("@noble/curves/ed25519.js");
  const scalar = noise(32);
  let low = 0;
  for (const start of ["00", "01", "ec", "ed", "ee", "ef", "02", "e0", "5f"]) {
    for (const rest of ["00".repeat(31), "ff".repeat(30) + "7f", "ff".repeat(31), "00".repeat(30) + "80", "eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"]) {
      const point = fromHex(start + rest);
      let dead = false;
      try {
        x25519.getSharedSecret(scalar, point);
      } catch {
        dead = true;
      }
      assert.equal(lowOrder(point), dead, hex(point));
      low += dead ? 1 : 0;
    }
  }
  assert.ok(low >= 10, String(low));
});

test("a recipient has one spelling, and a key that nothing can be wrapped to is refused", () => {
  const good = keys.recipient;
  assert.equal(parseRecipient(good).length, 1216);
  for (const bad of [good.slice(0, -1), good + "q", good.replace("age1pq1", "age1pqq"), ` ${good}`, good.replace(/.$/, (c) => (c === "q" ? "p" : "q"))]) {
    assert.throws(() => parseRecipient(bad), bad.slice(0, 12));
  }
  const seed = new Uint8Array(32).fill(1);
  assert.ok(!equal(compose(newFileKey(), recipientOf(seed)), compose(newFileKey(), recipientOf(seed))));
});

test("file keys of another length are refused", () => {
  for (const length of [0, 15, 17, 32]) assert.throws(() => compose(new Uint8Array(length), keys.recipient), (error) => is(error, "refused"));
});
