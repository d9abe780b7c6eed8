// Headers (docs/protocol.md section 8; in Go internal/envelope/header.go): a file key wrapped to one recipient, in exactly one
// spelling. A grant is a new header for the same file key; the payload is not touched.
//
// Why one payload may have many headers: the file key enters three derivations with labels of their own, "header" for the MAC,
// "payload" for the chunks, and the wrapping, where it is plaintext. A second header wraps it again with fresh randomness and is
// authenticated over other text, which is what a MAC is for. No payload key or nonce is used again.
import { base64, equal, fromBase64, text, utf8, wipe, type Bytes } from "./bytes.ts";
import { hkdf256, hmac256, sha256 } from "./digest.ts";
import { Failure } from "./failure.ts";
import { shareSize, unwrap, wrap } from "./hybrid.ts";
import { lowOrder } from "./point.ts";

/** maxHeader is the most bytes of a header that are ever read. */
export const maxHeader = 8192;
/** headerSize is the length of every header that is written here. */
export const headerSize = 1627;
export const fileKeySize = 16;

const intro = "age-encryption.org/v1\n";
const shares = { mlkem768x25519: shareSize, X25519: 32 } as const;
type Kind = keyof typeof shares;

/** A header, read without keys. */
export interface Header {
  readonly pq: boolean;
  readonly share: Bytes;
  readonly body: Bytes;
  readonly mac: Bytes;
  /** what the MAC covers */
  readonly covered: string;
}

/** newFileKey draws the key of one payload. Never seal a second one with it. */
export const newFileKey = (): Bytes => crypto.getRandomValues(new Uint8Array(fileKeySize));

/** headerMac is the MAC age puts under a header's text. */
export function headerMac(fileKey: Uint8Array, covered: string): Bytes {
  if (fileKey.length !== fileKeySize) throw new Failure("refused", "not a file key");
  const key = hkdf256(fileKey, undefined, utf8("header"));
  const mac = hmac256(key, utf8(covered));
  wipe(key);
  return mac;
}

/** compose writes the header that gives a file key to one post-quantum recipient; any other recipient is `classic`, because one
 *  classic header makes the whole payload classic. What it wrote is read back by the parser that servers and clients use, so
 *  a header that others would refuse never leaves. */
export function compose(fileKey: Uint8Array, recipient: string): Bytes {
  if (fileKey.length !== fileKeySize) throw new Failure("refused", "not a file key");
  if (!recipient.startsWith("age1pq1")) throw new Failure("classic");
  const stanza = wrap(fileKey, recipient);
  const covered = textOf("mlkem768x25519", stanza.share, stanza.body);
  const header = utf8(covered + " " + base64(headerMac(fileKey, covered)) + "\n");
  if (!parse(header).pq || header.length !== headerSize) throw new Error("a header was composed that would be refused");
  return header;
}

/** open gives the file key of a header, or throws own-keys. What is not one allowed stanza is refused before a key is used.
 *  The key says nothing about the payload it is meant for: check the commitment (commit.ts). */
export function open(header: Uint8Array, seed: Uint8Array): Bytes {
  const parsed = parse(header);
  const fileKey = parsed.pq ? unwrap(parsed, seed) : undefined;
  if (fileKey === undefined) throw new Failure("own-keys");
  if (fileKey.length !== fileKeySize || !equal(headerMac(fileKey, parsed.covered), parsed.mac)) throw new Failure("own-keys");
  return fileKey;
}

/** parse reads a header: one stanza of an allowed type and exact shape, and nothing after it. It is lenient where that makes it
 *  short and then compares what it read, written again, with what it was given: so no header has a second spelling. */
export function parse(header: Uint8Array): Header {
  if (header.length > maxHeader) throw refused();
  try {
    return parseText(text(header));
  } catch {
    throw refused();
  }
}

function parseText(written: string): Header {
  const [, stanza = "", body = "", closing = ""] = written.split("\n");
  const [, kind = "", share = ""] = stanza.split(" ");
  if (!isKind(kind)) throw refused();
  const covered = textOf(kind, fromBase64(share), fromBase64(body));
  const parsed = {
    pq: kind === "mlkem768x25519",
    share: fromBase64(share),
    body: fromBase64(body),
    mac: fromBase64(closing.slice("--- ".length)),
    covered,
  };
  const shaped = parsed.share.length === shares[kind] && parsed.body.length === 32 && parsed.mac.length === 32;
  const same = covered + " " + base64(parsed.mac) + "\n" === written;
  if (!shaped || !same || lowOrder(parsed.share.subarray(-32))) throw refused();
  return parsed;
}

/** part of an age file: the header stands before the first byte behind its closing line. */
export function headerEnd(file: Uint8Array): number {
  const [dash, newline] = [0x2d, 0x0a];
  for (let line = 0; line >= 0 && line < Math.min(file.length, maxHeader); ) {
    const end = file.indexOf(newline, line);
    if (file[line] === dash && file[line + 1] === dash && file[line + 2] === dash) return end + 1;
    line = end + 1 || -1;
  }
  throw refused();
}

/** headerSha256 is how statements name a header. */
export const headerSha256 = (header: Uint8Array): Bytes => sha256(header);

/** textOf is everything up to and including the dashes. The body, 32 bytes, fits one line. */
function textOf(kind: Kind, share: Uint8Array, body: Uint8Array): string {
  return `${intro}-> ${kind} ${base64(share)}\n${base64(body)}\n---`;
}

const isKind = (kind: string): kind is Kind => Object.hasOwn(shares, kind);

const refused = () => new Failure("part-swapped", "not a header with one allowed stanza");
