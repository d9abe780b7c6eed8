// A text, sealed here and opened there, and the other way round.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { concat, equal, fromHex, hex, uint64be, utf8, type Bytes } from "../../src/core/bytes.ts";
import { commit } from "../../src/core/commit.ts";
import { sha256 } from "../../src/core/digest.ts";
import { compose, newFileKey, open } from "../../src/core/header.ts";
import { identityOf } from "../../src/core/hybrid.ts";
import { derive } from "../../src/core/keyring.ts";
import { opener } from "../../src/core/opening.ts";
import type { PartInfo } from "../../src/core/sealer.ts";
import { sealing } from "../../src/core/sealing.ts";
import { survey } from "../../src/core/survey.ts";
import { leafOf, payloadNonce, treeHash } from "../../src/core/tree.ts";
import { app } from "../world.ts";
import { ask, noise, vectors } from "./oracle.ts";

const secret = fromHex("000102030405060708090a0b0c0d0e0f");
const vault = new Uint8Array(32).fill(9);
const keys = derive(secret, vault);
const info: PartInfo = { media_type: "text/plain; charset=utf-8", name: "يوميات.txt", kind: "original", derived_from: 0 };
const MiB = 1 << 20;

interface NonceVector {
  file_key_hex: string;
  length: number;
  content_sha256_hex: string;
  tree_hash_hex: string;
  nonce_hex: string;
}

/** byRule is the content of the vectors: SHA-256 of the numbers 0, 1, 2, … */
function byRule(length: number): Bytes {
  const out = new Uint8Array(Math.ceil(length / 32) * 32);
  for (let i = 0; i * 32 < length; i++) out.set(sha256(uint64be(i)), i * 32);
  return out.slice(0, length);
}

interface Sealed {
  header: Bytes;
  payload: Bytes;
  sha256: Bytes;
  commit: Bytes;
  nonce: Bytes;
  fileKey: Bytes;
}

async function seal(content: Bytes, about = info): Promise<Sealed> {
  const known = await survey(about, new Blob([content]));
  const fileKey = newFileKey();
  const nonce = payloadNonce(fileKey, known.tree);
  const s = sealing(known, fileKey, nonce);
  const payload = await s.read(0, s.length);
  const digest = await s.sha256();
  return { header: compose(fileKey, keys.recipient), payload, sha256: digest, commit: commit(fileKey, digest), nonce, fileKey };
}

function openWhole(s: { header: Bytes; bytes: Bytes; sha256: Bytes; commit: Bytes }, piece = 100_000): { info: PartInfo | undefined; content: Bytes } {
  const o = opener(open(s.header, keys.seed), { length: s.bytes.length, sha256: s.sha256, commit: s.commit });
  const content: Bytes[] = [];
  let found: PartInfo | undefined;
  for (let at = 0; at < s.bytes.length; at += piece) {
    const got = o.push(s.bytes.slice(at, at + piece));
    found ??= got.head?.info;
    content.push(...got.content.map((bytes) => bytes.slice()));
  }
  o.end();
  return { info: found, content: concat(...content) };
}

test("the nonces of api/vectors/nonce.json", async () => {
  for (const v of vectors<NonceVector[]>("nonce.json")) {
    const length = v.length;
    const content = byRule(length);
    assert.equal(hex(sha256(content)), v.content_sha256_hex);
    const leaves: Bytes[] = [];
    for (let at = 0; at < length; at += MiB) leaves.push(await leafOf(content.slice(at, at + MiB)));
    const tree = { size: length, leaves };
    assert.equal(hex(treeHash(tree)), v.tree_hash_hex);
    assert.equal(hex(payloadNonce(fromHex(v.file_key_hex), tree)), v.nonce_hex);
  }
});

test("what is sealed here is the same bytes that Go seals, and Go opens it", async () => {
  for (const length of [0, 1, 5000, 16384, 65535, 65536, 65537, 200_000, MiB - 2560, MiB - 1, MiB, MiB + 1, 2 * MiB + 77]) {
    const content = noise(length);
    const mine = await seal(content);
    const container = await ask({ op: "contain", info, bytes: content });
    const theirs = await ask({ op: "seal", key: mine.fileKey, nonce: mine.nonce, bytes: container.bytes });
    assert.ok(equal(mine.payload, theirs.bytes), `payload of ${length} bytes`);
    assert.deepEqual([mine.sha256, mine.commit], [theirs.sha256, theirs.commit]);
    const back = await ask({ op: "openpart", secret, vault, header: mine.header, bytes: mine.payload, sha256: mine.sha256, commit: mine.commit });
    assert.ok(equal(back.bytes, content), `content of ${length} bytes`);
    assert.deepEqual(back.info, info);
  }
});

test("what Go seals opens here", async () => {
  for (const length of [0, 1, 65535, 65537, MiB + 1]) {
    const content = noise(length);
    const theirs = await ask({ op: "sealpart", info, bytes: content, recipient: keys.recipient });
    const mine = openWhole(theirs, length % 2 === 0 ? 70_001 : 300_000);
    assert.deepEqual(mine.info, info);
    assert.ok(equal(mine.content, content), `content of ${length} bytes`);
  }
});

test("the stock age program opens header and payload, and tar finds the content", async () => {
  const { text: age } = await ask({ op: "age" });
  const content = utf8("She said: it was on a Tuesday.");
  const mine = await seal(content);
  const dir = mkdtempSync(join(app, ".built", "stock-"));
  try {
    writeFileSync(join(dir, "key.txt"), identityOf(keys.seed) + "\n");
    writeFileSync(join(dir, "part.age"), concat(mine.header, mine.payload));
    execFileSync(age ?? "", ["-d", "-i", "key.txt", "-o", "part.tar", "part.age"], { cwd: dir });
    execFileSync("tar", ["-xf", "part.tar"], { cwd: dir });
    execFileSync("sha256sum", ["--quiet", "-c", "SHA256SUMS"], { cwd: dir });
    assert.deepEqual(new Uint8Array(execFileSync("cat", ["content"], { cwd: dir })), content);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
