// What the stewards say of a vault's end is read in its one spelling, as in Go (internal/roster/farewell_test.go).
import assert from "node:assert/strict";
import { test } from "node:test";
import { utf8 } from "../../src/core/bytes.ts";
import { hashOf } from "../../src/core/names.ts";
import { writeDocument } from "../../src/core/handon.ts";
import { follow, found, readDocument, type RosterDocument } from "../../src/core/roster.ts";

const key = "A".repeat(43);
const founding: RosterDocument = {
  typ: "testimony-vault/roster/v1", seq: 0, prev: "", nonce: "A".repeat(22), day: "2026-11-23", practice: false, threshold: 1, stewards: [{ name: "A", key }],
};
const first = writeDocument(founding);
const before = found(hashOf(first), first);
const [steward = ""] = before.names.keys();
const next = (farewell: RosterDocument["farewell"], day = "2026-11-23"): RosterDocument => ({
  ...founding, seq: 1, prev: before.head, day, ...(farewell && { farewell }),
});
const moving = { kind: "moving", stops: "2026-12-20", last: "2027-01-31", origin: "https://new.example", vault: key } as const;

void test("a farewell follows with the stewards' voices, and leaves thirty days", () => {
  const said = follow(before, writeDocument(next(moving)), [steward]);
  assert.deepEqual(said.document.farewell, moving);
  assert.throws(() => follow(before, writeDocument(next(moving)), []), /too few/);
  assert.throws(() => follow(before, writeDocument(next(moving, "2027-01-02")), [steward]), /less than 30 days/);
  follow(before, writeDocument(next(moving, "2027-01-01")), [steward]);
  const kept = { ...next(moving, "2027-01-30"), seq: 2, prev: said.head };
  assert.equal(follow(said, writeDocument(kept), [steward]).document.farewell?.origin, "https://new.example");
});

void test("a farewell has one spelling, and sends people nowhere that is read on the line", () => {
  const good = new TextDecoder().decode(writeDocument(next(moving)));
  assert.equal(readDocument(utf8(good)).seq, 1);
  const bends: [string, string][] = [
    ['"kind":"moving"', '"kind":"burning"'], ['"kind":"moving"', '"kind":"closing"'], ["2027-01-31", "2027-02-31"], ['"last":"2027-01-31"', '"last":"2026-12-19"'],
    ["https://new", "http://new"], ["new.example", "new.example/x"], ["new.example", "u@new.example"], ["new.example", "New.example"], ["new.example", "new.example:443"],
    ["https://new.example", "javascript:alert"], ['"origin":"https://new.example",', ""], ['"origin":"https://new.example"', '"origin":""'], ['"kind"', '"why":"x","kind"'],
    [good.slice(good.indexOf('"farewell"')), '"farewell":{}}'], [good.slice(good.indexOf('"farewell"')), '"farewell":null}'],
  ];
  for (const [old, bad] of bends) {
    const bent = good.replace(old, bad);
    assert.notEqual(bent, good, old);
    assert.throws(() => readDocument(utf8(bent)), bad);
  }
});
