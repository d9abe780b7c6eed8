// Cards (docs/protocol.md section 8; in Go internal/envelope/card.go): title, language, labels and warnings of a testimony, sealed
// to her as a small age file. Every card is 1,024 bytes of plaintext, so that all look alike. She signs its digest: the caller
// compares it before opening, because age does not say who wrote a file.
import { concat, equal, text, utf8, wipe, type Bytes } from "./bytes.ts";
import { decode, encodeBytes } from "./canonical.ts";
import { Failure, held } from "./failure.ts";
import { compose, headerEnd, newFileKey, open } from "./header.ts";
import { fits } from "./partinfo.ts";
import { stream } from "./payload.ts";
import { kinds, type Card } from "./sealer.ts";
import { filled, list, object, string, that, whole, word, type Shape } from "./shape.ts";
import { nonceSize, payloadSize, plaintextSize } from "./sizes.ts";

export const cardSize = 1024;

const ascending = (entries: readonly { n: number }[]) => entries.every((entry, i) => entry.n > (entries[i - 1]?.n ?? 0));

const derived = that(
  object({ n: whole, from: whole, kind: word(...kinds) }),
  "a derived part has a kind, and an earlier part it was made from",
  (d) => d.from < d.n && d.kind !== "original" && fits(d.kind, d.from),
);

const shape: Shape<Card> = object({
  title: string,
  language: string,
  labels: that(list(object({ n: whole, label: string })), "labels are in the order of their parts", ascending),
  warnings: list(string),
  derived: that(filled(list(derived)), "derived parts are in order", (them) => them === undefined || ascending(them)),
});

/** encodeCard gives the plaintext: JSON, blanks and a newline. A card that does not fit is refused; roomFor says how much does. */
export function encodeCard(card: Card): Bytes {
  const { derived: links, ...rest } = card;
  const json = held("refused", () => encodeBytes(shape(links === undefined || links.length === 0 ? rest : card)));
  if (json.length >= cardSize) throw new Failure("refused", "title, labels and warnings are too long together");
  return concat(json, utf8(" ".repeat(cardSize - 1 - json.length) + "\n"));
}

/** roomFor is how many bytes of UTF-8 can be added to a card; negative when it is too long. */
export function roomFor(card: Card): number {
  return cardSize - 1 - utf8(JSON.stringify(card)).length;
}

/** parseCard reads what encodeCard writes and nothing else. */
export function parseCard(plaintext: Uint8Array): Card {
  const card = decode(text(plaintext).replace(/[ \n]+$/, ""), shape);
  if (!equal(encodeCard(card), plaintext)) throw new TypeError("not filled up as cards are");
  return card;
}

/** sealFile seals something small for one recipient as an age file: a key of its own, used once. */
export function sealFile(plaintext: Uint8Array, recipient: string): Bytes {
  const fileKey = newFileKey();
  const nonce = crypto.getRandomValues(new Uint8Array(nonceSize));
  const chunks = stream(fileKey, nonce, plaintext.length);
  const file = concat(compose(fileKey, recipient), nonce, chunks.seal(0, plaintext));
  chunks.end();
  wipe(fileKey);
  return file;
}

/** openFile opens a small age file; anything in its way throws own-keys or payload-swapped. */
export function openFile(file: Uint8Array, seed: Uint8Array): Bytes {
  const at = headerEnd(file);
  const fileKey = open(file.subarray(0, at), seed);
  const payload = file.slice(at);
  const chunks = stream(fileKey, payload.subarray(0, nonceSize), plaintextSize(payload.length));
  wipe(fileKey);
  try {
    return chunks.open(0, payload.subarray(nonceSize));
  } finally {
    chunks.end();
  }
}

/** sealCard writes a card for its owner. */
export function sealCard(card: Card, recipient: string): Bytes {
  return sealFile(encodeCard(card), recipient);
}

/** openCard opens a card. One that is not of the one shape of cards is card-swapped. */
export function openCard(file: Uint8Array, seed: Uint8Array): Card {
  return held("card-swapped", () => {
    if (file.length - headerEnd(file) !== payloadSize(cardSize)) throw new TypeError("not as long as a card");
    return parseCard(openFile(file, seed));
  });
}
