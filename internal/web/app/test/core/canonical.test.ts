// JSON of one spelling: the same cases as Go's internal/canonical, and every statement that the contract shows.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decode, encode, parse } from "../../src/core/canonical.ts";
import { base64url, fromBase64url, text, utf8 } from "../../src/core/bytes.ts";
import { list, object, string, whole, filled } from "../../src/core/shape.ts";
import { verify, type Entry } from "../../src/core/chain.ts";
import { bodies } from "../../src/core/bodies.ts";
import { read } from "../../src/core/statement.ts";
import { isHash, isId, newId, newUuid, thumbprintOf } from "../../src/core/names.ts";
import { top } from "./oracle.ts";

const doc = object({ a: string, b: whole, c: list(object({ d: string })) });

test("a signed document has one spelling: every other one is refused", () => {
  const good = '{"a":"خبر <b>&\\"\\\\","b":5,"c":[{"d":"x"}]}';
  assert.equal(encode(decode(good, doc)), good);
  assert.equal(decode(good, doc).a, 'خبر <b>&"\\');
  const bad: Record<string, string> = {
    "white space": '{"a":"x", "b":5,"c":[]}',
    "other order": '{"b":5,"a":"x","c":[]}',
    "other case": '{"A":"x","b":5,"c":[]}',
    repeated: '{"a":"x","a":"x","b":5,"c":[]}',
    unknown: '{"a":"x","b":5,"c":[],"e":1}',
    proto: '{"a":"x","b":5,"c":[],"__proto__":1}',
    missing: '{"a":"x","b":5}',
    "null list": '{"a":null,"b":5,"c":[]}',
    trailing: '{"a":"x","b":5,"c":[]}{}',
    "number spelling": '{"a":"x","b":5.0,"c":[]}',
    exponent: '{"a":"x","b":5e0,"c":[]}',
    "minus nothing": '{"a":"x","b":-0,"c":[]}',
    "too large": '{"a":"x","b":9007199254740993,"c":[]}',
    "escaped letter": '{"a":"\\u0078","b":5,"c":[]}',
    "escaped slash": '{"a":"\\/","b":5,"c":[]}',
    "lone surrogate": '{"a":"\\ud800","b":5,"c":[]}',
    newline: '{"a":"\\n","b":5,"c":[]}',
    separator: '{"a":"\u2028","b":5,"c":[]}',
    delete: '{"a":"\u007f","b":5,"c":[]}',
  };
  for (const [name, one] of Object.entries(bad)) assert.throws(() => decode(one, doc), name);
  assert.throws(() => decode(new Uint8Array([...utf8('{"a":"'), 0xff, ...utf8('","b":5,"c":[]}')]), doc), "broken UTF-8");
});

test("nothing is written that another language would escape differently", () => {
  for (const one of ["\n", "\0", "\u2028", "\u2029", "\u007f", "\b", "\ud800"]) assert.throws(() => encode({ a: one }), JSON.stringify(one));
});

test("a member that is absent when empty is never there and empty", () => {
  const sparse = object({ a: string, more: filled(list(string)) });
  assert.deepEqual(decode('{"a":"x"}', sparse), { a: "x" });
  assert.throws(() => decode('{"a":"x","more":[]}', sparse));
});

test("an answer may be spelled freely, but not with a name twice in one object", () => {
  assert.deepEqual(parse(' {"b": 5, "a":"x", "in":{"a":"{\\"a\\":1,\\"a\\":2}"}} '), { b: 5, a: "x", in: { a: '{"a":1,"a":2}' } });
  for (const bad of ['{"a":1,"a":1}', '{"x":{"a":1,"\\u0061":2}}', '[{"a":1},{"b":1,"b":2}]', '{"a":1} {}', ""]) assert.throws(() => parse(bad), bad);
});

test("every statement that the contract shows is read, and spelled as it was", () => {
  const contract = readFileSync(join(top, "api", "openapi.yaml"), "utf8");
  const shown = new Set(contract.match(/eyJhbGciOiJFZERTQSIsInR5cCI6InR2LXN0YXRlbWVudCtqd3Q[\w-]+\.[\w-]+\.[\w-]+/g));
  const acts = new Set<string>();
  for (const compact of shown) {
    const s = read(compact);
    acts.add(s.act);
    const payload = text(fromBase64url(compact.split(".")[1] ?? ""));
    assert.ok(payload.endsWith(`"act":"${s.act}","body":${encode(s.body)}}`));
  }
  assert.ok(shown.size >= 20 && acts.size >= 20, `${shown.size} statements of ${acts.size} acts`);
});

test("a statement whose bytes were touched anywhere is refused", () => {
  const contract = readFileSync(join(top, "api", "openapi.yaml"), "utf8");
  const good = /eyJhbGciOiJFZERTQSIsInR5cCI6InR2LXN0YXRlbWVudCtqd3Q[\w-]+\.[\w-]+\.[\w-]+/.exec(contract)?.[0] ?? "";
  read(good);
  for (let at = 0; at < good.length; at += 7) {
    if (good[at] === ".") continue;
    const touched = good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1);
    assert.throws(() => read(touched), `byte ${at}`);
  }
  for (const odd of ["", ".", "..", `${good}.`, `${good}=`, ` ${good}`, `${good}\n`]) assert.throws(() => read(odd));
});

test("the acts are those of the JSON Schema of statements, and no others", () => {
  const { $defs } = JSON.parse(readFileSync(join(top, "api", "statement.schema.json"), "utf8")) as { $defs: Record<string, unknown> };
  const acts = Object.keys($defs).flatMap((name) => (name.startsWith("body-") ? [name.slice(5)] : []));
  assert.deepEqual(Object.keys(bodies).sort(), acts.sort());
});

test("a chain with the first spelling of grants is whole, and they are read so that they protect her", () => {
  const lines = readFileSync(join(top, "internal", "statement", "testdata", "first.jsonl"), "utf8").trim().split("\n");
  const entries = lines.map((line) => JSON.parse(line) as Entry);
  const first = read(entries[0]?.statement ?? "");
  const { statements } = verify(first.issuer, first.vault, entries, []);
  const grants = statements.flatMap((s) => (s.act === "grant" ? [s.body] : []));
  assert.equal(grants.length, 3);
  for (const g of grants) {
    assert.deepEqual([g.access, g.media, g.place, g.quote_review, g.max_reads, g.conditions], ["download", [], "none", true, 0, { policy: "" }]);
  }
});

test("names have one spelling each", () => {
  const random = (n: number) => crypto.getRandomValues(new Uint8Array(n));
  for (let n = 0; n < 200; n++) assert.ok(isId(newId(random)));
  assert.equal(newId((n) => new Uint8Array(n)), "a".repeat(26));
  assert.equal(newId((n) => new Uint8Array(n).fill(255)), `${"7".repeat(25)}4`);
  for (const bad of ["", "a", "A".repeat(26), "a".repeat(27), `${"a".repeat(25)}b`]) assert.ok(!isId(bad), bad);
  assert.match(newUuid(random), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(isHash(base64url(new Uint8Array(32).fill(7))) && !isHash("A".repeat(42) + "B"));
  assert.equal(thumbprintOf("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"); // RFC 8037
});
