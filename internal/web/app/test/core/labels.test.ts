// Content labels agree with Go: what Go sealed opens here, in one spelling, and what is sealed here opens there (docs/adr/0038).
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64url, fromHex, utf8 } from "../../src/core/bytes.ts";
import { openFile, sealFile } from "../../src/core/card.ts";
import { codeOf } from "../../src/core/failure.ts";
import { labels, openLabels, readLabels, sealLabels, writeLabels, type Label } from "../../src/core/labels.ts";
import { vectors } from "./oracle.ts";

interface Labels {
  vocabulary: string[];
  reader: { age_seed_hex: string; age_recipient: string };
  sealed: { labels: Label[]; plaintext: string; file: string }[];
  refused: string[];
}
const v = vectors<Labels>("labels.json");
const open = (file: Uint8Array<ArrayBuffer>) => Promise.resolve(openFile(file, fromHex(v.reader.age_seed_hex)));

test("labels are spelt, opened and refused as the vectors say", async () => {
  assert.deepEqual([...labels], v.vocabulary);
  assert.ok(v.sealed.length > 1 && v.refused.length > 1);
  for (const one of v.sealed) {
    assert.equal(new TextDecoder().decode(writeLabels([...one.labels].reverse())), one.plaintext);
    assert.deepEqual(await openLabels(open, one.file), one.labels);
    assert.equal(one.file.length, v.sealed[0]?.file.length);
  }
  for (const text of v.refused) {
    let code = "believed";
    try {
      readLabels(utf8(text));
    } catch (error) {
      code = codeOf(error);
    }
    assert.equal(code, "nonsense", JSON.stringify(text));
  }
});

test("whatever she says, and when she says nothing, what stands in the grant has one length", async () => {
  const seal = (to: string, bytes: Uint8Array<ArrayBuffer>) => Promise.resolve(sealFile(bytes, to));
  for (const chosen of [[], ["violence"], [...labels]] as Label[][]) {
    const sealed = await sealLabels(seal, v.reader.age_recipient, chosen);
    assert.equal(fromBase64url(sealed).length, 1915);
    assert.deepEqual(await openLabels(open, sealed), chosen);
  }
  assert.deepEqual(await openLabels(open, ""), []);
});
