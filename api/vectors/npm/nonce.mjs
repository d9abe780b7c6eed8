// Computes the payload nonces of api/vectors/nonce.json with the Web Crypto API
// alone, as a browser would. Standard input: the vectors, of which only file key and
// length are read; standard output: the same, with everything found anew.

import { readFileSync } from "node:fs";

const MiB = 1 << 20;
const LABEL = "testimony-vault/v1/payload-nonce";
const { subtle } = globalThis.crypto;

const sha256 = async (bytes) => new Uint8Array(await subtle.digest("SHA-256", bytes));
const hex = (bytes) => Buffer.from(bytes).toString("hex");

function uint64(n) {
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigUint64(0, BigInt(n));
  return b;
}

async function byRule(length) {
  const b = new Uint8Array(Math.ceil(length / 32) * 32);
  for (let i = 0; i * 32 < length; i++) b.set(await sha256(uint64(i)), i * 32);
  return b.subarray(0, length);
}

async function treeHash(content) {
  const parts = [uint64(content.length)];
  for (let at = 0; at < content.length; at += MiB) parts.push(await sha256(content.subarray(at, at + MiB)));
  return sha256(Buffer.concat(parts));
}

async function nonce(fileKey, tree) {
  const key = await subtle.importKey("raw", fileKey, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = await subtle.sign("HMAC", key, Buffer.concat([new TextEncoder().encode(LABEL), tree]));
  return new Uint8Array(mac).subarray(0, 16);
}

const out = [];
for (const v of JSON.parse(readFileSync(0, "utf8"))) {
  const content = await byRule(v.length);
  const tree = await treeHash(content);
  out.push({
    file_key_hex: v.file_key_hex,
    length: v.length,
    content_sha256_hex: hex(await sha256(content)),
    tree_hash_hex: hex(tree),
    nonce_hex: hex(await nonce(Buffer.from(v.file_key_hex, "hex"), tree)),
  });
}
process.stdout.write(JSON.stringify(out));
