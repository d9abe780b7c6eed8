// Taking everything along and locking anew against the real server. What is taken here opens with stock age, tar and sha256sum and
// goes into another vault with the command line program; a vault that gives other bytes than were signed for is found out.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { apply } from "../../src/core/application.ts";
import { fromBase64url, type Bytes } from "../../src/core/bytes.ts";
import type { Client } from "../../src/core/client.ts";
import { addPart } from "../../src/core/parts.ts";
import { enrol } from "../../src/core/enrol.ts";
import { codeOf } from "../../src/core/failure.ts";
import { give, revoke } from "../../src/core/grants.ts";
import { identityOf } from "../../src/core/hybrid.ts";
import { inbox, openGranted } from "../../src/core/inbox.ts";
import { derive } from "../../src/core/keyring.ts";
import { relock } from "../../src/core/relock.ts";
import { accredit, suspend } from "../../src/core/stewards.ts";
import { takeOut } from "../../src/core/takeout.ts";
import { createTestimony, openOwnPart } from "../../src/core/testimonies.ts";
import { aSteward, recorded, somebody, written, type Somebody } from "../somebody.ts";
import { openWithStock } from "../stockage.ts";
import { garbling, tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";
import { ask } from "./oracle.ts";
import { secretOf } from "./secrets.ts";

let w: World;
let her: Somebody;
let reader: Somebody;
let steward: Somebody;
let first: string;
let second: string;
const film = recorded(700_000, "voice.ogg");

before(async () => {
  w = await world();
  [her, reader] = [somebody(w), somebody(w)];
  steward = aSteward(w, await secretOf(w.steward.words()));
  await enrol(her.c, "participant");
  await enrol(reader.c, "researcher");
  await enrol(steward.c, "steward");
  await apply(reader.c, "Dr. Oksana Lys", "Archive of Voices", "to listen");
  await accredit(steward.c, reader.c.account, 100);
  first = (await createTestimony(her.c, { title: "A morning", language: "en", warnings: [], parts: [written("the river")] })).testimony;
  second = (await createTestimony(her.c, { title: "الشتاء", language: "ar", warnings: [], parts: [written("the well", "well.txt")] })).testimony;
  await addPart(her.c, second, film);
});
after(() => w.stop());

async function code(what: Promise<unknown>): Promise<string> {
  return what.then(() => "done", codeOf);
}

const readme = "How this opens.\n";

async function taken(c: Client): Promise<{ archive: Bytes; watched: [number, number][] }> {
  const pieces: Bytes[] = [];
  const watched: [number, number][] = [];
  const out = await takeOut(c, readme, (bytes) => {
    pieces.push(bytes);
    return Promise.resolve();
  }, { watch: (done, of) => watched.push([done, of]) });
  assert.ok(out.testimonies > 0);
  return { archive: new Uint8Array(Buffer.concat(pieces)), watched };
}

/** unpacked lays an archive out with tar, as anybody does. */
function unpacked(name: string, archive: Bytes): string {
  const folder = join(w.folder, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "notes.tar"), archive);
  execFileSync("tar", ["-xf", "notes.tar"], { cwd: folder });
  return join(folder, "notes");
}

test("everything is taken along, and opens with age, tar and sha256sum alone", async () => {
  const { grant } = await give(her.c, { testimony: first, parts: [1], to: reader.c.account, terms: {} });
  await revoke(her.c, first, grant);
  const { archive, watched } = await taken(her.anew());
  assert.deepEqual(watched.at(-1)?.[0], watched.at(-1)?.[1]);
  const folder = unpacked("all", archive);
  execFileSync("sha256sum", ["-c", "--strict", "SHA256SUMS"], { cwd: folder });
  const listed = readFileSync(join(folder, "SHA256SUMS"), "utf8").split("\n").filter((line) => line !== "").map((line) => line.slice(66));
  const there = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(folder.length + 1));
  assert.deepEqual(there.filter((name) => name !== "SHA256SUMS").sort(), listed.sort());
  assert.equal(readFileSync(join(folder, "README.txt"), "utf8"), readme);
  assert.deepEqual((JSON.parse(readFileSync(join(folder, "receipts.json"), "utf8")) as { withdrawals: { grant: string }[] }).withdrawals.map((one) => one.grant), [grant]);

  const identity = `${identityOf(derive(her.secret, fromBase64url(w.vault)).seed)}\n`;
  const opened = await openWithStock(join(w.folder, "opened-part"), identity, readFileSync(join(folder, "002", "part-2.age")));
  assert.deepEqual(new Uint8Array(opened.content), new Uint8Array(await film.blob.arrayBuffer()));
  assert.ok(!Buffer.from(archive).includes("the river"), "something was opened on the way");
});

test("it is the folder that the command line writes, and the command line brings it into another vault", async () => {
  const words = (await ask({ op: "spell", secret: her.secret as Bytes })).words?.["en"] ?? "";
  const cli = w.person("her", words);
  await cli.run("takeout", join(w.folder, "cli"));
  const { archive } = await taken(her.anew());
  const folder = unpacked("web", archive);
  const names = (dir: string) => readdirSync(dir, { recursive: true }).map(String).sort();
  assert.deepEqual(names(folder), names(join(w.folder, "cli")));
  for (const name of ["takeout.json", "statements.jsonl", "receipts.json", "001/card.age", "001/part-1.age", "002/part-2.age", "001/statements.jsonl", "001/feed.json", "001/grants.json"]) {
    const read = (dir: string): unknown => {
      const bytes = readFileSync(join(dir, name));
      return name.endsWith(".json") ? JSON.parse(bytes.toString()) : bytes.toString("base64");
    };
    assert.deepEqual(read(folder), read(join(w.folder, "cli")), name);
  }
  const other = await world();
  try {
    await enrol(somebody(other, her.secret).c, "participant"); // the same words; in another vault they are other keys
    const there = other.person("there", words);
    await there.run("import", folder);
    const all = JSON.parse((await there.run("list", "--json")).out) as { testimonies: { title: string }[] };
    assert.deepEqual(all.testimonies.map((one) => one.title).sort(), ["A morning", "الشتاء"].sort());
  } finally {
    await other.stop();
  }
});

test("what the vault gives in another's place is not taken", async () => {
  const content = /\/parts\/1\/content$/;
  const flipped = her.anew({ fetch: garbling(content, (bytes) => {
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    return bytes;
  }) });
  assert.equal(await code(taken(flipped)), "payload-swapped");
  const header = her.anew({ fetch: garbling(content, (bytes) => {
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    return bytes;
  }) });
  assert.equal(await code(taken(header)), "part-swapped");
  const card = her.anew({ fetch: tampering(`/v1/testimonies/${first}`, (said) => ({ ...said, card: (said["card"] as string).replace(/^..../, "AAAA") })) });
  assert.equal(await code(taken(card)), "card-swapped");
});

test("a part is locked anew, its reader goes on, and the bytes that were there before are gone", async () => {
  const { grant } = await give(her.c, { testimony: second, parts: [1, 2], to: reader.c.account, terms: {} });
  await inbox(reader.c);
  await openGranted(reader.c, grant, 2);
  const before = await taken(her.anew());
  assert.deepEqual(await relock(her.c, second, 2), [grant]);
  const { content } = await openOwnPart(her.anew(), second, 2);
  assert.deepEqual(await content.arrayBuffer(), await film.blob.arrayBuffer());
  const again = await openGranted(reader.anew(), grant, 2);
  assert.deepEqual(await again.content.arrayBuffer(), await film.blob.arrayBuffer());
  const [old, now] = [unpacked("old", before.archive), unpacked("now", (await taken(her.anew())).archive)];
  assert.notDeepEqual(readFileSync(join(old, "002/part-2.age")), readFileSync(join(now, "002/part-2.age")));
  assert.deepEqual(readFileSync(join(old, "002/part-1.age")), readFileSync(join(now, "002/part-1.age")));

  const cli = w.person("cli-relock", (await ask({ op: "spell", secret: her.secret as Bytes })).words?.["en"] ?? "");
  await cli.run("open", second, "2", "-o", join(w.folder, "opened"));
  await cli.run("relock", second, "2");
  assert.deepEqual(await (await openOwnPart(her.anew(), second, 2)).content.arrayBuffer(), await film.blob.arrayBuffer());
});

test("nobody whom no steward vouches for any more is carried over, and then nothing is signed", async () => {
  const c = her.anew();
  const one = (await createTestimony(c, { title: "", language: "en", warnings: [], parts: [written("x")] })).testimony;
  const { grant } = await give(c, { testimony: one, parts: [1], to: reader.c.account, terms: {} });
  await suspend(steward.c, reader.c.account);
  assert.equal(await code(relock(c, one, 1)), "accreditation-stopped");
  await revoke(c, one, grant);
  assert.deepEqual(await relock(c, one, 1), []);
  assert.equal(await code(relock(c, one, 2)), "not-found");
});
