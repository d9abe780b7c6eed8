// How a secret is written down and read: api/vectors/phrase.json, and the same answers as Go for what people do to a text.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fromHex, hex, type Bytes } from "../../src/core/bytes.ts";
import type { System } from "../../src/core/numerals.ts";
import { hints, listOf, newSecret, read, spellDigits, spellWords, unfolded, type WordList } from "../../src/core/phrase.ts";
import { app } from "../world.ts";
import { ask, vectors } from "./oracle.ts";

interface Vectors {
  secrets: { secret_hex: string; words: Record<string, string[]>; digits: Record<System, string> }[];
  accepted: { case: string; text: string; secret_hex: string }[];
  refused: { case: string; text: string; reason: string }[];
}

const file = vectors<Vectors>("phrase.json");
let lists: WordList[] = [];

before(async () => {
  const { lists: all } = await ask({ op: "lists" });
  lists = ["en", "fr"].map((tag) => listOf(tag, (all?.[tag] ?? []).join("\n") + "\n"));
});

const secretOf = (text: string): Bytes => {
  const reading = read(text, lists);
  assert.ok("secret" in reading, JSON.stringify(reading));
  return reading.secret;
};

test("the vectors' secrets are spelled in words and digits, and read back", () => {
  for (const v of file.secrets) {
    const secret = fromHex(v.secret_hex);
    for (const list of lists) {
      assert.deepEqual(spellWords(secret, list), v.words[list.tag]);
      assert.equal(hex(secretOf(spellWords(secret, list).join(" "))), v.secret_hex);
    }
    for (const system of ["latn", "arab", "arabext"] as const) {
      assert.equal(spellDigits(secret, system), v.digits[system]);
      assert.equal(hex(secretOf(v.digits[system])), v.secret_hex);
    }
  }
});

test("what people type is read, or refused for the reason that the vectors give", () => {
  for (const v of file.accepted) assert.equal(hex(secretOf(v.text)), v.secret_hex, v.case);
  for (const v of file.refused) {
    const reading = read(v.text, lists);
    assert.equal("problem" in reading ? reading.problem.reason : "", v.reason, v.case);
  }
});

// Every digit of Unicode that Go and this engine both know is worth the same to both.
test("digits of every script have Go's values", async () => {
  const secret = newSecret();
  const ascii = spellDigits(secret);
  let scripts = 0;
  for (let zero = 0x660; zero < 0x1fbfa; zero++) {
    if (!/^\p{Nd}$/u.test(String.fromCodePoint(zero)) || /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) continue;
    const text = ascii.replace(/[0-9]/g, (d) => String.fromCodePoint(zero + Number(d)));
    const theirs = await ask({ op: "parse", text });
    if (theirs.text === "empty") continue; // newer than Go's tables
    assert.deepEqual(theirs.bytes, secret, zero.toString(16));
    assert.deepEqual(secretOf(text), secret, zero.toString(16));
    scripts++;
  }
  assert.ok(scripts > 60, String(scripts));
});

// One word mistyped, left out, doubled, swapped, in other letters: the same answer as Go, hints included.
test("mistyped texts get the same answers as from Go", async () => {
  const changes: ((words: string[], i: number) => string[])[] = [
    (words, i) => words.with(i, (words[i] ?? "").slice(1)),
    (words, i) => words.with(i, (words[i] ?? "").slice(0, 4)),
    (words, i) => words.with(i, (words[i] ?? "") + "x"),
    (words, i) => words.with(i, (words[i] ?? "").replace(/(.)(.)/, "$2$1")),
    (words, i) => words.with(i, (words[i] ?? "").toUpperCase()),
    (words, i) => words.with(i, (words[i] ?? "").normalize("NFD")),
    (words, i) => words.with(i, (words[i] ?? "").normalize("NFC") + "\u200f,"),
    (words, i) => words.filter((_, j) => j !== i),
    (words, i) => words.toSpliced(i, 0, words[i] ?? ""),
    (words, i) => words.with(i, words.at(i - 1) ?? "").with(i - 1, words[i] ?? ""),
    (words, i) => words.with(i, "ⅷ").concat("١٢٣"),
    (words, i) => words.with(i, `${i}. ${words[i] ?? ""}`),
  ];
  for (let round = 0; round < 6; round++) {
    const secret = newSecret();
    for (const list of lists) {
      const words = spellWords(secret, list);
      for (const [i, change] of changes.entries()) await sameAnswer(change(words, (round * 5 + i) % 12).join(" "));
    }
    const digits = spellDigits(secret);
    for (const text of [digits.slice(1), digits + "0", digits.replace(/\d/, "x"), digits.replaceAll(" ", "−"), "٣" + digits.slice(1), "9" + digits.slice(1)]) {
      await sameAnswer(text);
    }
  }
});

async function sameAnswer(text: string): Promise<void> {
  const [mine, theirs] = [read(text, lists), await ask({ op: "parse", text })];
  if ("secret" in mine) return assert.deepEqual(mine.secret, theirs.bytes, text);
  assert.equal(mine.problem.reason, theirs.text, text);
  assert.deepEqual(mine.problem.closest ?? [], theirs.lists?.["closest"] ?? [], text);
}

// The whole answer is held against what may be said: looking for the typed words in its text would find those that are names of
// its fields, for "problem", "reason", "position", "close" and "own" are words of the list as well.
test("a problem never holds what was typed", () => {
  for (let round = 0; round < 50; round++) {
    const secret = newSecret();
    const words = spellWords(secret, lists[0] as WordList);
    const digits = spellDigits(secret);
    says([...words.slice(0, 11), "qqqqqqqqq"].join(" "), { reason: "unknown-word", position: 12, closest: [] });
    says(words.slice(0, 11).join(" "), { reason: "length", found: 11, wanted: 12 });
    says(digits.slice(1), { reason: "length", found: 39, wanted: 40 });
    says(digits.slice(0, -1) + String((Number(digits.at(-1)) + 1) % 10), { reason: "checksum" });
  }
});

const says = (typed: string, problem: object) => assert.deepEqual(read(typed, lists), { problem });

test("a hint while she types knows a word in any spelling", () => {
  const [en, fr] = lists as [WordList, WordList];
  assert.deepEqual(hints(" YELLOW ", en).known, true);
  assert.deepEqual(hints("yelow", en), { known: false, closest: ["yellow", "below", "allow"] });
  assert.equal(hints("eleve", fr).known, fr.words.some((word) => word.normalize("NFC") === "élève"));
  assert.deepEqual(hints("ye", en).closest, []);
});

test("a list with a word missing or twice is no list", () => {
  const words = (lists[0] as WordList).words;
  assert.throws(() => listOf("en", words.slice(1).join("\n")));
  assert.throws(() => listOf("en", words.with(1, words[0] ?? "").join("\n")));
});

test("the lists that the site serves are those of Go, word for word", () => {
  const folder = join(app, "..", "site", "a");
  for (const list of lists) {
    const [name, ...more] = readdirSync(folder).filter((file) => file.startsWith(`list-${list.tag}-`) && file.endsWith(".txt"));
    assert.deepEqual(more, []);
    const served = readFileSync(join(folder, name ?? ""), "utf8");
    assert.deepEqual(unfolded(list.tag, served), list);
    assert.throws(() => unfolded(list.tag, served.replace(/[A-Z][^A-Z]+$/, "")));
  }
});
