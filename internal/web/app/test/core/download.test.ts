// A reader's downloads over a line that breaks, against the real server: one opening however often it breaks, nothing after it was
// taken back, and nothing of the old bytes once a part was locked anew.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { apply } from "../../src/core/application.ts";
import type { Config } from "../../src/core/client.ts";
import { enrol } from "../../src/core/enrol.ts";
import { codeOf } from "../../src/core/failure.ts";
import { feed } from "../../src/core/feed.ts";
import { give, revoke } from "../../src/core/grants.ts";
import { openGranted } from "../../src/core/inbox.ts";
import { accredit } from "../../src/core/stewards.ts";
import { createTestimony, openOwnPart } from "../../src/core/testimonies.ts";
import { newLine, type Line } from "../line.ts";
import { aSteward, recorded, somebody, type Somebody } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { world, type Person, type World } from "../world.ts";
import { secretOf } from "./secrets.ts";

const size = 3_000_000;
const content = recorded(size, "night.ogg");
let line: Line;
let w: World;
let her: Somebody;
let cli: Person;
let reader: Somebody;
let testimony: string;

before(async () => {
  line = await newLine();
  w = await world(line.settings);
  cli = w.person("her");
  await cli.run("enrol", "--yes", "--words-out", cli.wordsFile);
  her = somebody(w, await secretOf(cli.words()));
  reader = somebody(w);
  const steward = aSteward(w, await secretOf(w.steward.words()));
  await enrol(steward.c, "steward");
  await enrol(reader.c, "researcher");
  await apply(reader.c, "Somebody", "Somewhere", "to listen");
  await accredit(steward.c, reader.c.account, 30);
  ({ testimony } = await createTestimony(her.c, { title: "", language: "en", warnings: [], parts: [content] }));
});
after(async () => {
  await w.stop();
  await line.stop();
});

const grant = async () => (await give(her.anew(), { testimony, parts: [1], to: reader.c.account, terms: {} })).grant;
const openings = async (of: string) => (await feed(her.c, testimony)).events.filter((e) => e.kind === "opened" && e.grant === of).length;

async function same(found: Blob): Promise<void> {
  assert.deepEqual(Buffer.from(await found.arrayBuffer()), Buffer.from(await content.blob.arrayBuffer()));
}

/** brokenAt gives a reader whose line breaks at a byte, and who meanwhile does something. */
function brokenAt(byte: number, meanwhile: () => Promise<unknown>, more: Partial<Config> = {}) {
  line.cut("down", byte);
  return reader.anew({ pause: async () => void (await meanwhile()), ...more });
}

test("however often the line breaks it is one opening, and she sees one", async () => {
  const one = await grant();
  for (const byte of [400_000, 1_200_000, 2_500_000]) line.cut("down", byte);
  const seen: number[] = [];
  const opened = await openGranted(reader.c, one, 1, { watch: (arrived, of) => void seen.push(arrived / of) });
  await same(opened.content);
  assert.equal(await openings(one), 1);
  assert.ok(seen.every((share, i) => share > (seen[i - 1] ?? 0)) && seen.at(-1) === 1);
});

test("what is taken back while it comes is not shown, and nothing of it is kept", async () => {
  const one = await grant();
  const c = brokenAt(1_500_000, () => revoke(her.anew(), testimony, one));
  assert.equal(await openGranted(c, one, 1).then(() => "opened", codeOf), "taken-back");
});

test("a part that is locked anew while it comes is begun anew, with nothing of the old bytes", async () => {
  const one = await grant();
  const c = brokenAt(1_500_000, () => cli.run("relock", testimony, "1"));
  await same((await openGranted(c, one, 1)).content);
  await same((await openOwnPart(her.c, testimony, 1)).content); // whose chain is older than the re-lock
});

test("going on with other bytes, another length or another place is refused", async () => {
  const one = await grant();
  let whole = 0;
  await openGranted(reader.c, one, 1, { watch: (_, of) => void (whole = of) });
  const lies: Record<string, Readonly<Record<string, string>>> = {
    "another place": { "Content-Range": `bytes 5-${whole - 1}/${whole}` },
    "another length": { "Content-Length": "7" },
    "no place": { "Content-Range": "" },
  };
  for (const [name, headers] of Object.entries(lies)) {
    const lying = tampering(/content$/, () => undefined, headers);
    const fetching: typeof fetch = (input, init) => ((init?.headers as Record<string, string>)["Range"] === undefined ? fetch : lying)(input, init);
    const code = await openGranted(brokenAt(1_500_000, () => Promise.resolve(), { fetch: fetching }), one, 1).then(() => "opened", codeOf);
    assert.equal(code, "nonsense", name);
  }
  // Another length of the whole makes the vault look and is asked for once more, from the beginning; what comes is verified.
  const longer = tampering(/content$/, () => undefined, { "Content-Range": `bytes 1-${whole}/${whole + 1}` });
  const fetching: typeof fetch = (input, init) => ((init?.headers as Record<string, string>)["Range"] === undefined ? fetch : longer)(input, init);
  await same((await openGranted(brokenAt(1_500_000, () => Promise.resolve(), { fetch: fetching }), one, 1)).content);
});

test("a reader who stops is stopped at once", async () => {
  const one = await grant();
  const controller = new AbortController();
  const stopping = openGranted(reader.c, one, 1, { signal: controller.signal, watch: () => controller.abort() });
  assert.equal(await stopping.then(() => "opened", codeOf), "stopped");
});
