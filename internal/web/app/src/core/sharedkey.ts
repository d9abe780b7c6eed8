// Keys that nobody holds (docs/protocol.md section 12; in Go internal/sharedkey): an age identity that exists while it is made and while
// it is used, and between the two only as shares with trustees. Each share travels in an age file as long as a card's, so that
// they look alike. What shares and recipient are held against comes from a verified statement.
import { base64url, concat, equal, fromBase64url, text, utf8, wipe, type Bytes } from "./bytes.ts";
import { decode, encodeBytes } from "./canonical.ts";
import { cardSize, openFile, sealFile } from "./card.ts";
import { sha256 } from "./digest.ts";
import { Failure, held } from "./failure.ts";
import { headerEnd, headerSize } from "./header.ts";
import { recipientOf } from "./hybrid.ts";
import type { ShareCard } from "./sealer.ts";
import { combine, split } from "./shamir.ts";
import { object, string, that, whole } from "./shape.ts";
import { payloadSize } from "./sizes.ts";

const seedSize = 32;
const maxShare = 256;

const shape = that(
  object({ share: string, threshold: whole, of: whole, note: string }),
  "threshold, number and share do not fit",
  (card) => card.threshold >= 2 && card.of >= card.threshold && card.of <= 255 && within(fromBase64url(card.share).length),
);

const within = (length: number) => length >= 2 && length <= maxShare;

const draw = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** makeShared draws a key, splits it, and forgets it. */
export function makeShared(n: number, threshold: number): { recipient: string; shares: Bytes[] } {
  const seed = draw(seedSize);
  const made = { recipient: recipientOf(seed), shares: split(seed, n, threshold, draw) };
  wipe(seed);
  return made;
}

/** joinShared gives the seed of a shared key, or throws false-shares unless its recipient has the signed digest. */
export function joinShared(shares: readonly Uint8Array[], recipientSha256: string): Bytes {
  const seed = combine(shares);
  if (seed.length === seedSize && equal(sha256(utf8(recipientOf(seed))), fromBase64url(recipientSha256))) return seed;
  wipe(seed);
  throw new Failure("false-shares");
}

/** sealShare writes a share for its holder. */
export function sealShare(card: ShareCard, to: string): Bytes {
  const plaintext = encodeShare(card);
  const file = sealFile(plaintext, to);
  wipe(plaintext);
  return file;
}

/** openShare opens a file with a share; one of another shape is share-swapped. */
export function openShare(file: Uint8Array, seed: Uint8Array): ShareCard {
  return held("share-swapped", () => {
    if (headerEnd(file) !== headerSize || file.length !== headerSize + payloadSize(cardSize)) throw new TypeError("of another length");
    const plaintext = openFile(file, seed);
    const read = decode(text(plaintext).replace(/[ \n]+$/, ""), shape);
    const card = { ...read, share: fromBase64url(read.share) };
    if (!equal(encodeShare(card), plaintext)) throw new TypeError("not filled up as it should be");
    wipe(plaintext);
    return card;
  });
}

function encodeShare({ share, threshold, of, note }: ShareCard): Bytes {
  const json = held("refused", () => encodeBytes(shape({ share: base64url(share), threshold, of, note })));
  if (json.length >= cardSize) throw new Failure("refused", "the note is too long");
  return concat(json, utf8(" ".repeat(cardSize - 1 - json.length) + "\n"));
}
