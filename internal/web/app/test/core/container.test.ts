// Containers and cards: one spelling, the same bytes as Go's, and nothing hidden in them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, equal, hex, utf8, type Bytes } from "../../src/core/bytes.ts";
import { encodeCard, openCard, openFile, parseCard, roomFor, sealCard, sealFile } from "../../src/core/card.ts";
import { layout, lengthClass } from "../../src/core/container.ts";
import { sha256 } from "../../src/core/digest.ts";
import { is } from "../../src/core/failure.ts";
import { derive } from "../../src/core/keyring.ts";
import { sizeOf } from "../../src/core/keysize.ts";
import { encodeInfo, parseInfo } from "../../src/core/partinfo.ts";
import type { Card, PartInfo, Person } from "../../src/core/sealer.ts";
import { payloadSize } from "../../src/core/sizes.ts";
import { block } from "../../src/core/tar.ts";
import { unpacking } from "../../src/core/unpack.ts";
import { ask, noise, tell } from "./oracle.ts";

const secret = new Uint8Array(16).fill(3);
const vault = new Uint8Array(32).fill(9);
const keys = derive(secret, vault);
const person: Person = { role: "speaker", name: "", first_name: "سارة", initial: "م", pseudonym: "", country: "Yemen", region: "", place: "", affiliation: "" };
const plain: PartInfo = { media_type: "text/plain", name: "", kind: "original", derived_from: 0 };

const infos: PartInfo[] = [
  plain,
  { media_type: 'audio/webm; codecs="opus, x"', name: 'a "quoted" name — يوميات.webm', kind: "voice-altered", derived_from: 7 },
  { ...plain, people: [person, { ...person, role: "participant" }], captured: { time: 1763900000, device: "", place: "Ta'izz" } },
  { ...plain, name: "<b>&\u00a0\u{1f54a}<b>", media_type: "application/x-thing+json;a=b" },
];

const refusedInfos: [string, PartInfo][] = [
  ["no media type", { ...plain, media_type: "text" }],
  ["a media type with more behind it", { ...plain, media_type: "text/plain x" }],
  ["a long media type", { ...plain, media_type: `a/${"b".repeat(126)}` }],
  ["a path", { ...plain, name: "../x" }],
  ["another path", { ...plain, name: "a\\b" }],
  ["a folder", { ...plain, name: ".." }],
  ["a long name", { ...plain, name: "ي".repeat(128) }],
  ["a control character", { ...plain, name: "a\nb" }],
  ["a line separator", { ...plain, name: "a\u2028b" }],
  ["a lone surrogate", { ...plain, name: "a\ud800b" }],
  ["an original that is derived", { ...plain, derived_from: 1 }],
  ["a derived part of nothing", { ...plain, kind: "cut" }],
  ["an unknown kind", { ...plain, kind: "copy" as "cut", derived_from: 1 }],
  ["a speaker in second place", { ...plain, people: [person, person] }],
  ["a person of whom nothing is said", { ...plain, people: [{ ...person, first_name: "", initial: "", country: "" }] }],
  ["a long initial", { ...plain, people: [{ ...person, initial: "abcde" }] }],
  ["a long place", { ...plain, people: [{ ...person, place: "x".repeat(121) }] }],
  ["seventeen people", { ...plain, people: Array.from({ length: 17 }, () => ({ ...person, role: "participant" as const })) }],
  ["an empty capture", { ...plain, captured: { time: 0, device: "", place: "" } }],
  ["too long altogether", { ...plain, people: Array.from({ length: 16 }, () => ({ ...person, role: "participant" as const, place: "x".repeat(120), region: "y".repeat(120) })) }],
];

function contain(info: PartInfo, content: Bytes): Bytes {
  const plan = layout(info, content.length);
  const tail = plan.tail(sha256(content));
  return concat(plan.head, content, tail, new Uint8Array(plan.size - plan.head.length - content.length - tail.length));
}

function unpack(container: Bytes, length = container.length, piece = 1000): { info: PartInfo | undefined; content: Bytes } {
  const u = unpacking(length);
  const out: Bytes[] = [];
  let info: PartInfo | undefined;
  for (let at = 0; at < container.length; at += piece) {
    const { head, content } = u.push(container.slice(at, at + piece));
    info ??= head?.info;
    out.push(...content);
  }
  u.end();
  return { info, content: concat(...out) };
}

const swapped = (error: unknown) => is(error, "payload-swapped");

test("the first block is the public constant of docs/protocol.md", () => {
  assert.equal(hex(sha256(block("TESTIMONY-VAULT-1", 0))), "7b820e517f7dcd168c68741361906aab001821e3e904211232938700f2463c1b");
});

test("containers are Go's, byte for byte, and read back in pieces of any size", async () => {
  for (const info of infos) {
    for (const length of [0, 1, 511, 512, 513, 11000, 13000, 60_000, 70_000]) {
      const content = noise(length);
      const mine = contain(info, content);
      assert.ok(equal(mine, (await ask({ op: "contain", info, bytes: content })).bytes), `${length} bytes`);
      assert.equal(sizeOf(info, length), payloadSize(mine.length));
      for (const piece of [511, 4096, mine.length]) {
        const back = unpack(mine, mine.length, piece);
        assert.deepEqual(back.info, info);
        assert.ok(equal(back.content, content));
      }
    }
  }
});

test("length classes are Go's at every border, and add at most 3.2 percent", async () => {
  for (let length = 9000; length < 300_000; length += 6971) {
    const { bytes } = await ask({ op: "contain", info: plain, bytes: noise(length) });
    assert.equal(layout(plain, length).size, bytes.length, String(length));
  }
  for (let exponent = 17; exponent <= 33; exponent++) {
    for (const off of [-1, 0, 1]) {
      const [length, size] = [2 ** exponent + off, lengthClass(2 ** exponent + off)];
      assert.ok(size >= length && size <= length * 1.032, `${length}: ${size}`);
      assert.equal(lengthClass(size), size);
    }
  }
  assert.throws(() => layout(plain, 2 ** 33), (error) => is(error, "too-large"));
});

test("a container with anything else in it is refused", () => {
  const content = noise(3000);
  const good = contain(plain, content);
  for (let at = 0; at < good.length; at += at < 6000 ? 13 : 501) {
    const changed = good.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => unpack(changed), swapped, `byte ${at}`);
  }
  assert.throws(() => unpack(good.slice(0, -1)), swapped);
  assert.throws(() => unpack(concat(good, new Uint8Array(1))), swapped);
  assert.throws(() => unpack(concat(good, new Uint8Array(16384))), swapped);
  assert.throws(() => unpack(good, 32768), swapped);
  assert.throws(() => unpack(new Uint8Array(16384)), swapped);
  assert.throws(() => unpack(new Uint8Array(0)), swapped);
});

test("descriptions of parts that Go refuses are refused, and the other way round", async () => {
  for (const [why, info] of refusedInfos) {
    assert.throws(() => encodeInfo(info), (error) => is(error, "refused"), why);
    if (why !== "a lone surrogate") assert.ok((await tell({ op: "contain", info, bytes: noise(1) })).error !== undefined, why);
  }
  for (const info of infos) {
    const text = encodeInfo(info);
    assert.deepEqual(parseInfo(text), info);
    for (const other of [` ${new TextDecoder().decode(text)}`, new TextDecoder().decode(text).replace('"kind"', '"Kind"'), new TextDecoder().decode(text).replace("}", ',"x":1}')]) {
      assert.throws(() => parseInfo(utf8(other)), TypeError);
    }
  }
  assert.deepEqual(encodeInfo({ ...plain, people: [] }), encodeInfo(plain));
});

const card: Card = {
  title: "مذكرات \\ \"x\"",
  language: "ar-YE",
  labels: [{ n: 1, label: "صوت" }, { n: 3, label: "" }],
  warnings: ["violence"],
  derived: [{ n: 3, from: 1, kind: "cut" }],
};

test("cards made here open in Go, and the other way round", async () => {
  for (const one of [card, { title: "", language: "", labels: [], warnings: [] }]) {
    const file = sealCard(one, keys.recipient);
    assert.equal(file.length, 1627 + 16 + 1024 + 16);
    const theirs = (await ask({ op: "opencard", secret, vault, bytes: file })).card;
    assert.deepEqual({ ...theirs }, one);
    assert.deepEqual(openCard((await ask({ op: "sealcard", card: one, recipient: keys.recipient })).bytes, keys.seed), one);
  }
});

test("a card is a kilobyte whatever it says, and more than a kilobyte is refused", () => {
  const room = roomFor(card);
  const full = { ...card, title: card.title + "x".repeat(room) };
  assert.equal(encodeCard(card).length, 1024);
  assert.equal(encodeCard(full).length, 1024);
  assert.equal(roomFor(full), 0);
  assert.deepEqual(parseCard(encodeCard(full)), full);
  assert.throws(() => encodeCard({ ...full, title: `${full.title}x` }), (error) => is(error, "refused"));
});

test("cards that Go refuses are refused", async () => {
  const bad: Card[] = [
    { ...card, labels: [{ n: 3, label: "" }, { n: 1, label: "" }] },
    { ...card, labels: [{ n: 0, label: "" }] },
    { ...card, labels: [{ n: 1, label: "" }, { n: 1, label: "" }] },
    { ...card, derived: [{ n: 3, from: 3, kind: "cut" }] },
    { ...card, derived: [{ n: 3, from: 0, kind: "cut" }] },
    { ...card, derived: [{ n: 3, from: 1, kind: "original" }] },
    { ...card, title: "a\tb" },
  ];
  for (const one of bad) {
    assert.throws(() => encodeCard(one), (error) => is(error, "refused"));
    assert.ok((await tell({ op: "sealcard", card: one, recipient: keys.recipient })).error !== undefined);
  }
});

test("a file that is no card of hers is refused by its kind", () => {
  const file = sealCard(card, keys.recipient);
  const changed = file.slice();
  changed[2000] = (changed[2000] ?? 0) ^ 1;
  assert.throws(() => openCard(changed, keys.seed), swapped);
  assert.throws(() => openCard(file.slice(0, -1), keys.seed), (error) => is(error, "card-swapped"));
  assert.throws(() => openCard(file, derive(secret, new Uint8Array(32)).seed), (error) => is(error, "own-keys"));
  assert.throws(() => openCard(sealFile(new Uint8Array(1024), keys.recipient), keys.seed), (error) => is(error, "card-swapped"));
  assert.deepEqual(openFile(sealFile(noise(100_000), keys.recipient), keys.seed), noise(100_000));
});
