// The vectors of api/vectors that the acts rest on: rosters, proof of work, and the sharing of secrets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromHex, hex, utf8 } from "../../src/core/bytes.ts";
import { codeOf } from "../../src/core/failure.ts";
import { bitsOf, solve, zeroBits } from "../../src/core/proofofwork.ts";
import { writeDocument } from "../../src/core/handon.ts";
import { follow, found, readDocument, type Verified } from "../../src/core/roster.ts";
import { combine, split } from "../../src/core/shamir.ts";
import { sha256 } from "../../src/core/digest.ts";
import { vectors } from "./oracle.ts";

interface Link {
  document: string;
  approvers: string[];
}
interface Rosters {
  vault_id: string;
  chain: Link[];
  head_sha256: string;
  refused_chains: { case: string; reason: string; chain: Link[] }[];
  refused_documents: { case: string; document: string }[];
}

function verify(vault: string, chain: Link[]): Verified {
  let now: Verified | undefined;
  for (const { document, approvers } of chain) now = now === undefined ? found(vault, utf8(document)) : follow(now, utf8(document), approvers);
  assert.ok(now);
  return now;
}

test("rosters follow from the vault id as the vectors say, and no others do", () => {
  const v = vectors<Rosters>("roster.json");
  const now = verify(v.vault_id, v.chain);
  assert.equal(now.head, v.head_sha256);
  assert.deepEqual(Buffer.from(writeDocument(now.document)).toString(), v.chain.at(-1)?.document);
  for (const refused of v.refused_chains) {
    const code = (() => {
      try {
        verify(v.vault_id, refused.chain);
        return "believed";
      } catch (error) {
        return codeOf(error);
      }
    })();
    assert.equal(code, refused.reason === "other-vault" ? "wrong-vault" : "fault", refused.case);
  }
  for (const refused of v.refused_documents) assert.throws(() => readDocument(utf8unchecked(refused.document)), refused.case);
});

/** utf8unchecked lets a lone surrogate become what it becomes on its way. */
const utf8unchecked = (document: string) => new TextEncoder().encode(document);

test("a steward's name that could be another's is refused, the joiners of Sorani are not", () => {
  const [first] = vectors<Rosters>("roster.json").chain;
  const named = (name: string) => utf8((first?.document ?? "").replace('"Amal"', JSON.stringify(name)));
  readDocument(named("ڕۆژان\u200cێک"));
  for (const name of ["", " Amal", "Amal ", "A\u202emal", "A\u200fmal", "a".repeat(81), "A\u2029"]) {
    assert.throws(() => readDocument(named(name)), JSON.stringify(name));
  }
});

interface Work {
  bits: number;
  challenge: string;
  thumbprint: string;
  solution: string;
  hash_hex: string;
}

test("the work is done as the vectors say: the smallest counter, and no more than a phone should do", async () => {
  for (const v of vectors<Work[]>("proofofwork.json")) {
    assert.equal(bitsOf(v.challenge), v.bits);
    const hash = sha256(utf8(`${v.challenge}\0${v.thumbprint}\0${v.solution}`));
    assert.equal(hex(hash), v.hash_hex);
    assert.ok(zeroBits(hash) >= v.bits);
    if (v.bits <= 12) assert.equal(await solve(v.challenge, v.thumbprint), v.solution);
  }
  const hard = Buffer.alloc(41).fill(29, 8, 9).toString("base64url");
  await assert.rejects(solve(hard, "x"), { code: "too-hard" });
  await assert.rejects(solve("AAAA", "x"), { code: "nonsense" });
  const controller = new AbortController();
  const long = Buffer.alloc(41).fill(28, 8, 9).toString("base64url");
  let at = 0;
  const working = solve(long, "x", { signal: controller.signal, now: () => (at += 100), watch: () => controller.abort() });
  await assert.rejects(working, { code: "stopped" });
});

interface Shared {
  secret_hex: string;
  threshold: number;
  shares_hex: string[];
}

test("shares of both makers give the secret back, in any order and of any who are enough", () => {
  for (const name of ["shamir.json", "shamir-npm.json"]) {
    for (const v of vectors<Shared[]>(name)) {
      const shares = v.shares_hex.map(fromHex);
      for (let from = 0; from + v.threshold <= shares.length; from++) {
        const some = shares.slice(from, from + v.threshold).reverse();
        assert.equal(hex(combine(some)), v.secret_hex, `${name} ${v.secret_hex}`);
      }
    }
  }
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const shares = split(secret, 5, 3, (n) => crypto.getRandomValues(new Uint8Array(n)));
  assert.equal(hex(combine([shares[4], shares[0], shares[2]].map((s) => s ?? new Uint8Array()))), hex(secret));
  assert.notEqual(hex(combine(shares.slice(0, 2))), hex(secret));
});
