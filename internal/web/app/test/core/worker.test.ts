// Page and worker over a real port: everything that crosses it is cloned or moved, as between threads.
import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { base64url, concat, equal, utf8, type Bytes } from "../../src/core/bytes.ts";
import { is } from "../../src/core/failure.ts";
import { listOf, type WordList } from "../../src/core/phrase.ts";
import type { PartInfo } from "../../src/core/sealer.ts";
import { connect, type VaultWorker, type WorkerKeys } from "../../src/worker/client.ts";
import { serve } from "../../src/worker/serve.ts";
import { service } from "../../src/worker/service.ts";
import { ask, noise } from "./oracle.ts";

const vault = new Uint8Array(32).fill(9);
const info: PartInfo = { media_type: "video/webm", name: "", kind: "original", derived_from: 0 };
const MiB = 1 << 20;

let lists: WordList[] = [];
const open: VaultWorker[] = [];

before(async () => {
  const { lists: all } = await ask({ op: "lists" });
  lists = ["en", "fr"].map((tag) => listOf(tag, (all?.[tag] ?? []).join("\n")));
});

afterEach(() => {
  for (const worker of open.splice(0)) worker.end();
});

function started(): VaultWorker {
  const { port1, port2 } = new MessageChannel();
  serve(port2, service());
  const worker = connect(port1, () => port1.close());
  open.push(worker);
  return worker;
}

async function entered(worker: VaultWorker, text = "00000 00000 00000 00000 00000 00000 00000 00000"): Promise<WorkerKeys> {
  const keys = await worker.enter(text, lists, vault);
  assert.ok(!("problem" in keys));
  return keys;
}

test("new words are written down, entered again and settled; then nobody can have them", async () => {
  const worker = started();
  const keys = await worker.draw(vault);
  const [fr] = [lists[1] as WordList];
  const words = await keys.words(fr);
  assert.equal(words.length, 12);
  assert.deepEqual(await keys.same(words.join(" "), lists), { same: true });
  assert.deepEqual(await keys.same(await keys.digits("arab"), lists), { same: true });
  assert.deepEqual(await keys.same("00000 00000 00000 00000 00000 00000 00000 00000", lists), { same: false });
  await keys.settle();
  await assert.rejects(keys.words(fr), (error) => is(error, "refused"));
  const again = await entered(worker, words.join(" "));
  assert.equal(again.thumbprint, keys.thumbprint);
  assert.notEqual(again.thumbprint, (await entered(worker)).thumbprint);
});

test("a mistyped word comes back as a problem, not as keys", async () => {
  const said = await started().enter("legal winner thank year wave sausage worth useful legal winner thank yelow", lists, vault);
  assert.deepEqual(said, { problem: { reason: "unknown-word", position: 12, closest: ["yellow", "below", "allow"] } });
});

test("a part is sealed in pieces from anywhere, and Go opens it", async () => {
  const keys = await entered(started());
  const content = noise(3 * MiB + 12345);
  const seen: [number, number][] = [];
  const lock = await keys.lock(info, new Blob([content]), { progress: (done, total) => seen.push([done, total]) });
  assert.equal(lock.length, await keys.payloadSize(info, content.length));
  assert.ok(seen.length >= 4 && seen.every(([done, total]) => done <= total));
  const late = await keys.seal(lock, 2 * MiB + 7, 2 * MiB + 1000);
  const pieces: Bytes[] = [];
  for (let at = 0; at < lock.length; at += 700_001) pieces.push(await keys.seal(lock, at, Math.min(at + 700_001, lock.length)));
  const payload = concat(...pieces);
  assert.ok(equal(late, payload.subarray(2 * MiB + 7, 2 * MiB + 1000)));
  const binding = await keys.bind(lock);
  const secret = new Uint8Array(16);
  const [sha256, commit] = [binding.payload_sha256, binding.commit].map((text) => Uint8Array.from(Buffer.from(text, "base64url")));
  const back = await ask({ op: "openpart", secret, vault, header: lock.header, bytes: payload, sha256: sha256 as Bytes, commit: commit as Bytes });
  assert.ok(equal(back.bytes, content));
  keys.release(lock);
  await assert.rejects(keys.seal(lock, 0, 1), (error) => is(error, "refused"));
});

test("an upload goes on from words and the same file, and with no other", async () => {
  const content = noise(2 * MiB);
  const first = await entered(started());
  const begun = await first.lock(info, new Blob([content]));
  const stored = await first.seal(begun, 0, 65568);
  const other = started();
  const keys = await entered(other);
  const lock = await keys.take(begun);
  assert.deepEqual(await keys.look(lock, stored), { info, size: content.length });
  const changed = content.slice();
  changed[MiB] = (changed[MiB] ?? 0) ^ 1;
  assert.equal(await keys.fits(lock, info, new Blob([changed])), false);
  assert.equal(await keys.fits(lock, { ...info, name: "x" }, new Blob([content])), false);
  assert.equal(await keys.fits(lock, info, new Blob([content.slice(1)])), false);
  await assert.rejects(keys.seal(lock, 0, 16), (error) => is(error, "other-file"));
  assert.equal(await keys.fits(lock, info, new Blob([content])), true);
  assert.ok(equal(await keys.seal(lock, MiB, lock.length), await first.seal(begun, MiB, lock.length)));
  assert.deepEqual(await keys.bind(lock), await first.bind(begun));
  const tampered = stored.slice();
  tampered[500] = (tampered[500] ?? 0) ^ 1;
  await assert.rejects(keys.look(lock, tampered), (error) => is(error, "upload-swapped"));
  const stranger = await other.draw(vault);
  await assert.rejects(stranger.take(begun), (error) => is(error, "own-keys"));
});

test("a reader opens what was wrapped to her, whole and by stretches", async () => {
  const worker = started();
  const [hers, reader] = [await entered(worker), await worker.draw(vault)];
  const content = noise(MiB + 5);
  const lock = await hers.lock(info, new Blob([content]));
  const payload = await hers.seal(lock, 0, lock.length);
  const binding = await hers.bind(lock);
  const header = await hers.rewrap(lock.header, binding, reader.recipient);
  const theirs = { ...binding, header_sha256: base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", header))) };
  const opening = await reader.open(header, theirs);
  const found: Bytes[] = [];
  for (let at = 0; at < payload.length; at += 100_000) found.push(...(await opening.push(payload.slice(at, at + 100_000))).content);
  await opening.end();
  assert.ok(equal(concat(...found), content));

  const asked: number[] = [];
  const range = await reader.range(header, theirs, (from, to) => {
    asked.push(to - from);
    return Promise.resolve(payload.slice(from, to));
  });
  assert.deepEqual([range.info, range.size], [info, content.length]);
  for (const [from, to] of [[0, 10], [65000, 66000], [500_000, 700_000], [content.length - 3, content.length + 9], [7, 7]] as const) {
    assert.deepEqual(await range.read(from, to), content.slice(from, to));
  }
  assert.ok(Math.max(...asked) < 400_000);
  range.stop();
  await assert.rejects(range.read(0, 1), (error) => is(error, "refused"));

  await assert.rejects(reader.open(lock.header, theirs), (error) => is(error, "part-swapped"));
  await assert.rejects(reader.open(lock.header, binding), (error) => is(error, "own-keys"));
  await assert.rejects(hers.rewrap(lock.header, binding, "age1qqqq"), (error) => is(error, "classic"));
});

test("bytes that could not be fetched fail the reading with the fetch's own error", async () => {
  const keys = await entered(started());
  const lock = await keys.lock(info, new Blob([noise(100)]));
  const binding = await keys.bind(lock);
  await assert.rejects(
    keys.range(lock.header, binding, () => Promise.reject(new RangeError("the line is down"))),
    RangeError,
  );
});

test("what takes long is stopped, and ending the worker fails what is waited for", async () => {
  const worker = started();
  const keys = await entered(worker);
  const stop = new AbortController();
  const watch = { signal: stop.signal, progress: () => stop.abort() };
  await assert.rejects(keys.lock(info, new Blob([noise(8 * MiB)]), watch), (error) => is(error, "stopped"));
  await assert.rejects(keys.lock(info, new Blob([]), watch), (error) => is(error, "stopped"));
  const waiting = keys.lock(info, new Blob([noise(8 * MiB)]));
  worker.end();
  await assert.rejects(waiting, (error) => is(error, "stopped"));
  await assert.rejects(keys.sign(utf8("x")), (error) => is(error, "stopped"));
});

test("forgotten keys do nothing more, and others stay", async () => {
  const worker = started();
  const [one, two] = [await worker.draw(vault), await worker.draw("steward")];
  one.forget();
  await assert.rejects(one.sign(utf8("x")), (error) => is(error, "refused"));
  assert.equal((await two.sign(utf8("x"))).length, 64);
});

test("a draft is sealed to a public key alone, and opens with her words", async () => {
  const worker = started();
  const keys = await entered(worker);
  const draft = await started().sealFor(keys.recipient, utf8("five seconds"));
  assert.deepEqual(await keys.openOwn(draft), utf8("five seconds"));
  await assert.rejects((await worker.draw(vault)).openOwn(draft), (error) => is(error, "own-keys"));
});

test("cards cross the port, and the identity file is the one of the vectors", async () => {
  const keys = await entered(started());
  const card = { title: "مذكرات", language: "ar", labels: [{ n: 1, label: "صوت" }], warnings: [] };
  assert.deepEqual(await keys.openCard(await keys.sealCard(card)), card);
  const file = new TextDecoder().decode(await keys.identityFile());
  assert.match(file, /^# public key: age1pq1\S+\nAGE-SECRET-KEY-PQ-1\S+\n$/);
});

test("a shared key is split, joined and used; false shares are refused", async () => {
  const worker = started();
  const [hers, reader] = [await entered(worker), await worker.draw(vault)];
  const { recipient, shares } = await hers.share(3, 2);
  const lock = await hers.lock(info, new Blob([utf8("if I am silent")]));
  const binding = await hers.bind(lock);
  const header = await hers.rewrap(lock.header, binding, recipient);
  const digest = async (bytes: Bytes) => base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
  const theirs = { ...binding, header_sha256: await digest(header) };
  const file = await hers.sealShare({ share: shares[0] as Bytes, threshold: 2, of: 3, note: "" }, reader.recipient);
  const { share } = await reader.openShare(file);
  const shared = await reader.join([shares[2] as Bytes, share], await digest(utf8(recipient)));
  const opening = await reader.open(header, theirs, shared);
  await opening.push(await hers.seal(lock, 0, lock.length));
  await opening.end();
  reader.leave(shared);
  await assert.rejects(reader.open(header, theirs, shared), (error) => is(error, "refused"));
  const false_ = share.slice();
  false_[0] = (false_[0] ?? 0) ^ 1;
  await assert.rejects(reader.join([shares[2] as Bytes, false_], await digest(utf8(recipient))), (error) => is(error, "false-shares"));
});
