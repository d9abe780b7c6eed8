// A secret as people write it down (docs/protocol.md section 7, api/vectors/README.md; in Go internal/phrase): twelve words of a
// BIP-39 list, or forty decimal digits. Reading forgives what a hand, a keyboard or a messenger does to a text, but never guesses a
// word or a digit: a secret that opens the wrong vault looks to her like a loss of everything. A problem never holds what was
// typed. The lists are handed in: they are files of their own, fetched only when words are written or read.
import { utf8, type Bytes } from "./bytes.ts";
import { closest } from "./closest.ts";
import { damm } from "./damm.ts";
import { sha256 } from "./digest.ts";
import { asciiDigits, written, type System } from "./numerals.ts";

/** A word list of BIP-39: 2048 words in their order. */
export interface WordList {
  readonly tag: string; // BCP 47
  readonly words: readonly string[];
}

/** Why a text was not read. position counts from 1; closest has up to three similar words of the lists. */
export interface Problem {
  readonly reason: "empty" | "not-text" | "length" | "unknown-word" | "not-a-digit" | "checksum" | "too-large" | "ambiguous";
  readonly found?: number;
  readonly wanted?: number;
  readonly position?: number;
  readonly closest?: readonly string[];
}

export type Reading = { readonly secret: Bytes } | { readonly problem: Problem };

const secretSize = 16;
const wordCount = 12;
const numberDigits = 39; // 2^128 - 1 has 39 decimal digits
const maxText = 4096;

/** listOf reads a list file: one word a line. */
export function listOf(tag: string, file: string): WordList {
  const words = file.normalize("NFC").split("\n").filter((word) => word !== "");
  if (words.length !== 2048 || new Set(words.map(fold)).size !== 2048) throw new Error("not a word list");
  return { tag, words };
}

/** unfolded is a list file as the site serves it: of each word how many letters it has from the word before, A for none, and the rest. */
export function unfolded(tag: string, file: string): WordList {
  let word = "";
  return listOf(tag, file.split(/(?=[A-Z])/).map((piece) => (word = word.slice(0, piece.charCodeAt(0) - 65) + piece.slice(1))).join("\n"));
}

/** newSecret draws 128 bits. They are never chosen by anybody. */
export const newSecret = (): Bytes => crypto.getRandomValues(new Uint8Array(secretSize));

/** spellWords gives the twelve words. They are the secret: show them, do not keep them. */
export function spellWords(secret: Uint8Array, list: WordList): string[] {
  const bits = binary(secret) + checksum(secret);
  return Array.from({ length: wordCount }, (_, i) => list.words[Number.parseInt(bits.slice(i * 11, i * 11 + 11), 2)] ?? "");
}

/** spellDigits gives eight groups of five digits with a space between. */
export function spellDigits(secret: Uint8Array, system: System = "latn"): string {
  const number = BigInt(`0b${binary(secret)}`).toString().padStart(numberDigits, "0");
  return written((number + damm(number)).replace(/(.{5})(?=.)/g, "$1 "), system);
}

/** read finds out whether words or digits were given, and from which list. */
export function read(text: string, lists: readonly WordList[]): Reading {
  if (/\p{Surrogate}/u.test(text) || utf8(text).length > maxText) return wrong("not-text");
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  if (letters + digits === 0) return wrong("empty");
  return letters > digits ? fromWords(wordsIn(text), lists) : fromDigits(text);
}

/** hints says of one typed word whether it is in a list, and what is close to it: for a hint while she types. */
export function hints(typed: string, list: WordList): { known: boolean; closest: string[] } {
  const word = fold(typed.trim());
  return { known: list.words.some((one) => fold(one) === word), closest: closest(word, list.words, fold) };
}

/** fold drops what two typings of one word may differ in: case, accents, invisible marks. No list has two words that differ in
 *  those alone. Letter by letter, because a whole text would be lowered by its context. */
export function fold(text: string): string {
  return [...text.normalize("NFKD").replace(/[\p{M}\p{Cf}]/gu, "")].map((letter) => letter.toLowerCase()).join("");
}

function wordsIn(text: string): string[] {
  return fold(text).split(/\P{L}+/u).filter((word) => word !== "");
}

function fromDigits(text: string): Reading {
  const digits = asciiDigits(text);
  if (digits === undefined) return wrong("not-a-digit");
  if (digits.length !== numberDigits + 1) return wrong("length", { found: digits.length, wanted: numberDigits + 1 });
  if (damm(digits) !== 0) return wrong("checksum");
  const number = BigInt(digits.slice(0, numberDigits));
  return number < 1n << 128n ? { secret: bytesOf(number.toString(2).padStart(128, "0")) } : wrong("too-large");
}

interface Attempt {
  readonly list: WordList;
  readonly indexes: readonly number[]; // -1 of a word that is not in the list
  readonly known: number;
}

/** fromWords reads the words in every list in which all of them are known. */
function fromWords(words: string[], lists: readonly WordList[]): Reading {
  const attempts = lists.map((list) => attempt(words, list));
  const best = Math.max(...attempts.map((one) => one.known));
  if (best < words.length) return unknown(words, attempts.filter((one) => one.known === best));
  if (words.length !== wordCount) return wrong("length", { found: words.length, wanted: wordCount });
  const found = attempts.filter((one) => one.known === best).flatMap((one) => fromIndexes(one.indexes) ?? []);
  const [secret, another] = found;
  if (secret === undefined) return wrong("checksum");
  return another === undefined ? { secret } : wrong("ambiguous");
}

function attempt(words: string[], list: WordList): Attempt {
  const places = new Map(list.words.map((word, i) => [fold(word), i]));
  const indexes = words.map((word) => places.get(word) ?? -1);
  return { list, indexes, known: indexes.filter((i) => i >= 0).length };
}

/** unknown names the first word that the best readings do not know. Only one: each further would tell another eleven bits. */
function unknown(words: string[], best: Attempt[]): Reading {
  const at = best[0]?.indexes.indexOf(-1) ?? 0;
  const near = closest(words[at] ?? "", best.flatMap((one) => one.list.words), fold);
  return wrong("unknown-word", { position: at + 1, closest: near });
}

function fromIndexes(indexes: readonly number[]): Bytes | undefined {
  const bits = indexes.map((index) => index.toString(2).padStart(11, "0")).join("");
  const secret = bytesOf(bits.slice(0, 128));
  return bits.slice(128) === checksum(secret) ? secret : undefined;
}

const wrong = (reason: Problem["reason"], more: Omit<Problem, "reason"> = {}): Reading => ({ problem: { reason, ...more } });

/** checksum is the first 4 bits of the SHA-256. */
const checksum = (secret: Uint8Array) => binary(sha256(secret)).slice(0, 4);

const binary = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");

const bytesOf = (bits: string): Bytes => Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
