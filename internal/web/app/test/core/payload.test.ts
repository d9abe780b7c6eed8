// Payloads that are not what was sealed, and keys that were not committed to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Decrypter } from "age-encryption";
import { concat, equal, type Bytes } from "../../src/core/bytes.ts";
import { checkCommit, commit } from "../../src/core/commit.ts";
import { sha256 } from "../../src/core/digest.ts";
import { Failure, is } from "../../src/core/failure.ts";
import { compose, newFileKey, open } from "../../src/core/header.ts";
import { identityOf } from "../../src/core/hybrid.ts";
import { derive } from "../../src/core/keyring.ts";
import { openBeginning, opener } from "../../src/core/opening.ts";
import { stream } from "../../src/core/payload.ts";
import { ranged } from "../../src/core/ranging.ts";
import type { PartInfo } from "../../src/core/sealer.ts";
import { sealing } from "../../src/core/sealing.ts";
import { chunkCount, chunksOf, payloadSize, plaintextSize } from "../../src/core/sizes.ts";
import { survey } from "../../src/core/survey.ts";
import { payloadNonce } from "../../src/core/tree.ts";
import { ask, noise, tell } from "./oracle.ts";

const info: PartInfo = { media_type: "audio/webm;codecs=opus", name: "", kind: "original", derived_from: 0 };
const secret = new Uint8Array(16).fill(3);
const vault = new Uint8Array(32).fill(9);
const keys = derive(secret, vault);
const edges = [0, 1, 15, 16, 1023, 65519, 65535, 65536, 65537, 131071, 131072, 131073, (1 << 20) - 1, 1 << 20, (1 << 20) + 1];

async function sealed(length: number) {
  const fileKey = newFileKey();
  const known = await survey(info, new Blob([noise(length)]));
  const nonce = payloadNonce(fileKey, known.tree);
  const s = sealing(known, fileKey, nonce);
  const payload = await s.read(0, s.length);
  const digest = await s.sha256();
  return { fileKey, nonce, payload, signed: { length: payload.length, sha256: digest, commit: commit(fileKey, digest) } };
}

type Sealed = Awaited<ReturnType<typeof sealed>>;

function opened(payload: Bytes, s: Sealed, piece = 50_000): Bytes {
  const o = opener(s.fileKey, s.signed);
  const out: Bytes[] = [];
  for (let at = 0; at < payload.length; at += piece) out.push(...o.push(payload.slice(at, at + piece)).content.map((c) => c.slice()));
  o.end();
  return concat(...out);
}

const swapped = (error: unknown) => is(error, "payload-swapped");

test("sizes are each other's inverse, and no other length is a payload's", () => {
  for (const plaintext of [...edges, 2 ** 33]) {
    assert.equal(plaintextSize(payloadSize(plaintext)), plaintext);
  }
  for (const wrong of [-1, 0, 16, 31, 65536 + 33, 65536 + 48, 2 * 65552 + 16 + 16, payloadSize(2 ** 33) + 1, Number.NaN, 40.5]) {
    assert.throws(() => plaintextSize(wrong), swapped, String(wrong));
  }
  assert.throws(() => payloadSize(2 ** 33 + 1), (error) => is(error, "too-large"));
});

test("chunks of any plaintext are age's own, at every edge", async () => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityOf(keys.seed));
  for (const length of edges) {
    const [fileKey, nonce, plaintext] = [newFileKey(), noise(16), noise(length)];
    const chunks = stream(fileKey, nonce, length);
    const payload = concat(nonce, chunks.seal(0, plaintext));
    const theirs = await ask({ op: "seal", key: fileKey, nonce, bytes: plaintext });
    assert.ok(equal(payload, theirs.bytes), String(length));
    const back = await decrypter.decrypt(concat(compose(fileKey, keys.recipient), payload));
    assert.ok(equal(new Uint8Array(back), plaintext), String(length));
    assert.ok(equal(chunks.open(0, payload.slice(16)), plaintext), String(length));
    chunks.end();
  }
});

test("sealing from any chunk on gives the same bytes", () => {
  const [fileKey, nonce, plaintext] = [newFileKey(), noise(16), noise(5 * 65536 + 99)];
  const chunks = stream(fileKey, nonce, plaintext.length);
  const whole = chunks.seal(0, plaintext);
  for (let first = 0; first < chunkCount(plaintext.length); first++) {
    const rest = chunks.seal(first, plaintext.subarray(first * 65536));
    assert.ok(equal(rest, whole.subarray(first * 65552)));
  }
  assert.throws(() => chunks.seal(0, plaintext.subarray(0, 70_000)), Failure);
  assert.throws(() => chunks.seal(6, plaintext.subarray(0, 1)), Failure);
});

test("a payload that is shorter, longer, changed or in another order is refused", async () => {
  for (const length of [100, 65536 * 3, (1 << 20) + 5]) {
    const s = await sealed(length);
    assert.ok(equal(opened(s.payload, s), noise(length)));
    const last = s.payload.length - 1;
    for (const at of [0, 15, 16, 17, Math.floor(last / 2), last - 16, last]) {
      const changed = s.payload.slice();
      changed[at] = (changed[at] ?? 0) ^ 4;
      assert.throws(() => opened(changed, s), swapped, `byte ${at} of ${length}`);
    }
    for (const cut of [0, 16, 32, Math.min(65568, last), last, last - 16]) assert.throws(() => opened(s.payload.slice(0, cut), s), swapped, `cut at ${cut}`);
    assert.throws(() => opened(concat(s.payload, new Uint8Array(1)), s), swapped);
    const [first, rest] = [s.payload.slice(16, 65568), s.payload.slice(65568)];
    if (rest.length > 0) assert.throws(() => opened(concat(s.payload.slice(0, 16), rest, first), s), swapped);
  }
});

test("pieces of any size give the same content", async () => {
  const s = await sealed(200_000);
  for (const piece of [1000, 65552, 65568, 300_000]) assert.ok(equal(opened(s.payload, s, piece), noise(200_000)), String(piece));
});

// Somebody who holds the file key, another reader, writes another payload: age is content, her signed digest is not.
test("what another holder of the key sealed is refused by its digest", async () => {
  const s = await sealed(1000);
  const container = await ask({ op: "contain", info, bytes: noise(999) });
  const forged = await ask({ op: "seal", key: s.fileKey, nonce: noise(16), bytes: container.bytes });
  assert.equal(forged.bytes.length, s.payload.length);
  assert.throws(() => opened(forged.bytes, s), swapped);
  const ranges = await ranged(s.fileKey, s.signed, (from, to) => Promise.resolve(forged.bytes.slice(from, to)));
  assert.equal(ranges.head.size, 999); // what ranging.ts says that it cannot see
});

test("one payload that opens under two keys is refused under the one not committed to", async () => {
  const [one, two, nonce] = [newFileKey(), newFileKey(), noise(16)];
  const { bytes } = await ask({ op: "salamander", key: one, other: two, nonce });
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityOf(keys.seed));
  const headers = [compose(one, keys.recipient), compose(two, keys.recipient)] as const;
  const texts = await Promise.all(headers.map(async (header) => new TextDecoder().decode(await decrypter.decrypt(concat(header, bytes)))));
  assert.match(texts[0] ?? "", /she said the one/);
  assert.match(texts[1] ?? "", /she said another/);
  const digest = sha256(bytes);
  const signed = { length: bytes.length, sha256: digest, commit: commit(one, digest) };
  assert.doesNotThrow(() => opener(open(headers[0], keys.seed), signed));
  assert.throws(() => opener(open(headers[1], keys.seed), signed), (error) => is(error, "commitment"));
  assert.throws(() => checkCommit(two, digest, signed.commit), (error) => is(error, "commitment"));
  await assert.rejects(ranged(two, signed, () => Promise.reject(new Error("nothing is fetched"))), (error) => is(error, "commitment"));
  const said = await tell({ op: "open", secret, vault, header: headers[1], bytes, sha256: digest, commit: signed.commit });
  assert.match(said.error ?? "", /file key is not the one the owner committed to/);
});

test("a commitment is no header, and needs a file key", () => {
  const fileKey = newFileKey();
  assert.throws(() => commit(fileKey.subarray(1), new Uint8Array(32)), Failure);
  assert.notDeepEqual(commit(fileKey, new Uint8Array(32)), commit(fileKey, new Uint8Array(32).fill(1)));
});

test("the beginning of an upload opens alone, with its own nonce and length only", async () => {
  for (const length of [0, 60_000, 65536, 300_000]) {
    const s = await sealed(length);
    const stored = s.payload.slice(0, 65568);
    const head = openBeginning(stored, s.fileKey, s.nonce, s.payload.length);
    assert.deepEqual([head.info, head.size], [info, length]);
    const wrong: [Bytes, Bytes, Bytes, number][] = [
      [stored.slice(1), s.fileKey, s.nonce, s.payload.length],
      [stored, newFileKey(), s.nonce, s.payload.length],
      [stored, s.fileKey, noise(16), s.payload.length],
      [stored, s.fileKey, s.nonce, payloadSize(plaintextSize(s.payload.length) + 65536)],
    ];
    for (const [bytes, fileKey, nonce, size] of wrong) {
      assert.throws(() => openBeginning(bytes, fileKey, nonce, size), (error) => is(error, "upload-swapped"));
    }
  }
});

test("a payload that claims another length is refused by its last chunk when it is opened by stretches", async () => {
  const s = await sealed(200_000);
  const fetch = (from: number, to: number) => Promise.resolve(s.payload.slice(from, to));
  const longer = { ...s.signed, length: payloadSize(plaintextSize(s.payload.length) + 65536) };
  await assert.rejects(ranged(s.fileKey, longer, fetch), swapped);
  const shorter = { ...s.signed, length: payloadSize(65536) };
  await assert.rejects(ranged(s.fileKey, shorter, fetch), swapped);
  const torn = await ranged(s.fileKey, s.signed, fetch);
  await assert.rejects(torn.read(70_000, 80_000, (from, to) => Promise.resolve(s.payload.slice(from, to - 1))), swapped);
  await assert.rejects(torn.read(0, 10, (from, to) => Promise.resolve(s.payload.slice(65552 + from, 65552 + to))), swapped);
});

test("stretches of any place are those of the content", async () => {
  const s = await sealed(300_000);
  const content = noise(300_000);
  const range = await ranged(s.fileKey, s.signed, (from, to) => Promise.resolve(s.payload.slice(from, to)));
  for (let i = 0; i < 60; i++) {
    const from = (i * 77_773) % 300_000;
    const to = Math.min(from + ((i * 31_337) % 140_000), 300_000);
    assert.ok(equal(await range.read(from, to), content.subarray(from, to)), `${from} to ${to}`);
  }
  range.stop();
});

test("chunks are asked for no further than they are needed", () => {
  assert.deepEqual(chunksOf(0, 1, 1), { first: 0, begin: 16, end: 33 });
  assert.deepEqual(chunksOf(65535, 65537, 200_000), { first: 0, begin: 16, end: 16 + 2 * 65552 });
  assert.deepEqual(chunksOf(65536, 65537, 200_000), { first: 1, begin: 16 + 65552, end: 16 + 2 * 65552 });
  assert.deepEqual(chunksOf(199_999, 300_000, 200_000), { first: 3, begin: 16 + 3 * 65552, end: payloadSize(200_000) });
});

test("a file that changes while it is sealed ends the sealing, and no byte of the change is sealed", async () => {
  const fileKey = newFileKey();
  const bytes = noise(3 << 20);
  const known = await survey(info, new Blob([bytes]));
  const nonce = payloadNonce(fileKey, known.tree);
  const after = bytes.slice();
  after[2_000_000] = (after[2_000_000] ?? 0) ^ 1;
  const changed = sealing({ ...known, content: new Blob([after]) }, fileKey, nonce);
  const whole = sealing(known, fileKey, nonce);
  assert.ok(equal(await changed.read(0, 900_000), await whole.read(0, 900_000)));
  await assert.rejects(changed.read(900_000, 2_100_000), (error) => is(error, "file-changed"));
  await assert.rejects(changed.sha256(), (error) => is(error, "file-changed"));
  const shorter = sealing({ ...known, content: new Blob([bytes.slice(0, -1)]) }, fileKey, nonce);
  await assert.rejects(shorter.sha256(), (error) => is(error, "file-changed"));
});
