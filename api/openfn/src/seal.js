// Sealing, on this machine, to the recipient that was scanned from her card: a container (docs/protocol.md section 8) in an age
// file, taken apart into header and payload as the vault keeps them, with the commitment that makes the payload mean one thing only.
import { createHmac, hkdfSync } from "node:crypto";
import { Encrypter } from "age-encryption";
import { base64raw, base64url, sha256 } from "./encoding.js";
import { Failure } from "./failure.js";

const block = 512;
const marker = "TESTIMONY-VAULT-1";
const padded = (size) => Math.ceil(size / block) * block;
const none = Buffer.alloc(0);

/** container is the plaintext of an item. Its size tells the content's by class only. */
export function container(content, { mediaType, name = "" }) {
  if (typeof mediaType !== "string" || !/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(;.*)?$/.test(mediaType) || Buffer.byteLength(mediaType) > 127)
    throw new Failure("item", "say what the content is: a media type, such as audio/webm");
  if (typeof name !== "string" || Buffer.byteLength(name) > 255 || /[/\\]/.test(name) || name === "." || name === ".." || !name.isWellFormed())
    throw new Failure("item", "the file's name is too long, or a path");
  const info = Buffer.from(JSON.stringify({ media_type: mediaType, name, kind: "original", derived_from: 0 }));
  const digest = (bytes) => sha256(bytes).toString("hex");
  const sums = Buffer.from(`${digest(none)}  ${marker}\n${digest(info)}  part.json\n${digest(content)}  content\n`);
  const members = [member(marker, none), member("part.json", info), member("content", content), member("SHA256SUMS", sums)];
  const size = members.reduce((sum, m) => sum + m.length, 2 * block);
  return Buffer.concat([...members, Buffer.alloc(lengthClass(size) - size + 2 * block)]);
}

/** member is a file of a ustar archive: nobody's, of no time. */
function member(name, content) {
  const head = Buffer.alloc(block);
  const put = (at, text) => head.write(text, at, "latin1");
  put(0, name);
  put(100, "0000400\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, content.length.toString(8).padStart(11, "0") + "\0");
  put(136, "00000000000\0");
  put(156, "0");
  put(257, "ustar\u000000");
  put(329, "0000000\0");
  put(337, "0000000\0");
  put(148, "        ");
  put(148, head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ");
  return Buffer.concat([head, content, Buffer.alloc(padded(content.length) - content.length)]);
}

/** lengthClass rounds up to 16, 32 or 64 KiB, and beyond by Padmé. */
export function lengthClass(length) {
  for (const size of [2 ** 14, 2 ** 15, 2 ** 16]) if (length <= size) return size;
  const bits = (n) => n.toString(2).length;
  const exponent = bits(length) - 1;
  const step = 2 ** (exponent - bits(exponent));
  return Math.ceil(length / step) * step;
}

/** seal seals content to a post-quantum recipient (age1pq1…). Each call draws its own file key, which is wiped. */
export async function seal(content, info, recipient) {
  if (typeof recipient !== "string" || !recipient.startsWith("age1pq1")) throw new Failure("recipient", "her recipient begins with age1pq1: scan her card again");
  const key = Buffer.alloc(16);
  const age = new Encrypter();
  age.addRecipient({
    wrapFileKey(live) {
      key.set(live);
      return []; // it writes nothing: the header has her stanza alone
    },
  });
  try {
    age.addRecipient(recipient);
  } catch {
    throw new Failure("recipient", "this is not a recipient: scan her card again");
  }
  try {
    const file = Buffer.from(await age.encrypt(container(Buffer.from(content), info)));
    const { header, payload } = split(file);
    const digest = sha256(payload);
    return {
      header,
      payload,
      length: payload.length,
      payload_sha256: base64url(digest),
      commit: base64url(commitment(key, digest)),
      header_sha256: base64url(sha256(header)),
    };
  } finally {
    key.fill(0);
  }
}

/** split parts an age file behind the line that closes its header. */
function split(file) {
  const at = file.indexOf("\n--- ");
  const end = file.indexOf("\n", at + 1) + 1;
  const stanzas = file.subarray(0, at).toString("latin1").split("\n-> ").length - 1;
  if (at < 0 || end <= 0 || stanzas !== 1) throw new Failure("item", "a header was composed that would be refused");
  return { header: file.subarray(0, end), payload: file.subarray(end) };
}

/** commitment is the MAC that age would put under a header which names the payload's digest: public, and good for one key. */
function commitment(key, digest) {
  const mac = Buffer.from(hkdfSync("sha256", key, none, "header", 32));
  return createHmac("sha256", mac).update(`age-encryption.org/v1\n-> testimony-vault/v1/commit ${base64raw(digest)}\n\n---`).digest();
}
