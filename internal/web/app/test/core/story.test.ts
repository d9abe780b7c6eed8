// The whole story against the real server, with the command line client as the other side: what the one seals, the other opens.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apply, applied } from "../../src/core/application.ts";
import { enrol } from "../../src/core/enrol.ts";
import { erase } from "../../src/core/erase.ts";
import { feed } from "../../src/core/feed.ts";
import { give, listGrants, narrow, notNow, renew, revoke } from "../../src/core/grants.ts";
import { codeOf } from "../../src/core/failure.ts";
import { askToRenew, inbox, openGranted, keepGranted } from "../../src/core/inbox.ts";
import { researcher, researchers } from "../../src/core/readers.ts";
import { endings, reply } from "../../src/core/replies.ts";
import { accredit, applications, roster, suspend } from "../../src/core/stewards.ts";
import { createTestimony, listTestimonies, openOwnPart, showTestimony, type Created } from "../../src/core/testimonies.ts";
import { lift, pause, standing, newPauseCode, pauseByCode, codeIsWhole, endPauseCode } from "../../src/core/pauses.ts";
import { checkIn } from "../../src/core/checkin.ts";
import { withdraw, withdrawals } from "../../src/core/withdrawals.ts";
import { aSteward, somebody, written, type Somebody } from "../somebody.ts";
import { world, type World } from "../world.ts";
import { secretOf } from "./secrets.ts";

let w: World;
let her: Somebody;
let reader: Somebody;
let steward: Somebody;
let made: Created;

/** refused gives the code with which something is refused. */
async function refused(what: Promise<unknown>): Promise<string> {
  try {
    await what;
  } catch (error) {
    return codeOf(error);
  }
  return "done";
}

before(async () => {
  w = await world();
  [her, reader] = [somebody(w), somebody(w)];
  steward = aSteward(w, await secretOf(w.steward.words()));
  await enrol(her.c, "participant");
  await enrol(reader.c, "researcher");
  await enrol(steward.c, "steward");
  made = await createTestimony(her.c, { title: "A morning", language: "en", warnings: [], parts: [written("first part"), written("second part")] });
});
after(() => w.stop());

test("a researcher applies and one steward's word is enough in a practice vault", async () => {
  assert.equal((await applied(reader.c)).state, "none");
  await apply(reader.c, "Dr. Oksana Lys", "Archive of Voices", "to listen");
  assert.equal((await applied(reader.c)).state, "waiting");
  assert.equal(await refused(researcher(her.c, reader.c.account)), "not-found");
  const [waiting] = await applications(steward.c);
  assert.deepEqual([waiting?.account, waiting?.name, waiting?.voices, waiting?.mine], [reader.c.account, "Dr. Oksana Lys", 0, false]);
  const shown: unknown[] = [];
  const said = await accredit(steward.c, reader.c.account, 100, (v) => void shown.push(v.name, v.purpose));
  assert.deepEqual([said.effective, shown], [true, ["Dr. Oksana Lys", "to listen"]]);
  const [one] = await researchers(her.c);
  assert.equal(one?.account, reader.c.account);
  assert.equal((await roster(her.c)).practice, true);
  assert.equal((await applied(reader.c)).state, "accredited");
});

test("what she grants is opened on her terms, and she sees it", async () => {
  assert.equal(await refused(give(her.c, { testimony: made.testimony, parts: [1, 7], to: reader.c.account, terms: {} })), "not-found");
  const stopped = give(her.c, { testimony: made.testimony, parts: [1], to: reader.c.account, terms: {}, agree: () => { throw new TypeError("no"); } });
  assert.equal(await refused(stopped), "fault");
  const given = await give(her.c, { testimony: made.testimony, parts: [1], to: reader.c.account, terms: { purposes: ["Research"] } });
  assert.deepEqual([given.terms.attribution, given.terms.access, given.terms.prohibited.length], ["listen-only", "view", 9]);
  const [got] = await inbox(reader.c);
  assert.ok(got !== undefined && "state" in got);
  assert.deepEqual([got.grant, got.from, got.state, got.parts.map((p) => p.n)], [given.grant, her.c.account, "live", [1]]);
  assert.equal(await refused(keepGranted(reader.c, given.grant, 1)), "view-only");
  const opened = await openGranted(reader.c, given.grant, 1);
  assert.equal(await opened.content.text(), "first part");
  assert.equal(await refused(openGranted(reader.c, given.grant, 2)), "not-found");
  const { events } = await feed(her.c, made.testimony);
  assert.deepEqual(events.filter((e) => e.kind === "opened").map((e) => [e.actor, e.n, e.grant]), [[reader.c.account, 1, given.grant]]);
});

test("terms are narrowed, asked about and renewed; what is taken back is served no more", async () => {
  const [grant] = await listGrants(her.c, made.testimony);
  assert.ok(grant);
  await narrow(her.c, made.testimony, grant.grant, (t) => ({ ...t, max_reads: 3 }));
  assert.equal(await refused(narrow(her.c, made.testimony, grant.grant, (t) => ({ ...t, max_reads: 4 }))), "wider");
  await askToRenew(reader.c, grant.grant, ["Research", "Publication"]);
  const [asked] = await listGrants(her.anew(), made.testimony);
  assert.deepEqual(asked?.asked?.purposes, ["Publication", "Research"]);
  await notNow(her.c, made.testimony, grant.grant, Math.floor(Date.now() / 1000) + 10 * 86_400);
  assert.equal((await listGrants(her.c, made.testimony))[0]?.asked, undefined);
  const renewed = await renew(her.c, made.testimony, grant.grant, (t) => ({ ...t, access: "download" }));
  assert.equal(renewed.terms.access, "download");
  assert.equal(await (await keepGranted(reader.c, grant.grant, 1)).content.text(), "first part");

  const fetched = await revoke(her.c, made.testimony, grant.grant);
  assert.ok(fetched.length >= 1 && fetched.every((f) => f.n === 1 && f.complete));
  assert.equal(await refused(openGranted(reader.c, grant.grant, 1)), "not-found");
  assert.deepEqual(await revoke(her.anew(), made.testimony, grant.grant), fetched);
  const [ended] = await endings(reader.c);
  assert.deepEqual([ended?.grant, ended?.act, ended?.state, ended?.doubt], [grant.grant, "revoke", "notified", undefined]);
  await reply(reader.c, grant.grant, "destroyed");
  const [taken] = await withdrawals(her.c);
  assert.deepEqual([taken?.state, taken?.reply?.reply, taken?.known], ["destroyed", "destroyed", true]);
});

test("everything is paused by her and by whoever has her code, and lifted by her", async () => {
  const { grant } = await give(her.c, { testimony: made.testimony, parts: [2], to: reader.c.account, terms: {} });
  await pause(her.c);
  assert.equal(await refused(openGranted(reader.c, grant, 2)), "not-found");
  await lift(her.c);
  const code = await newPauseCode(her.c);
  assert.ok(codeIsWhole(code) && !codeIsWhole(code.replace(/^./, (d) => String((Number(d) + 1) % 10))));
  await pauseByCode(somebody(w).c, code);
  let { pauses } = await standing(her.c);
  for (let n = 0; n < 200 && pauses.length === 0; n++) ({ pauses } = await standing(her.c)); // within a second
  assert.deepEqual(pauses, [{ testimony: "", byCode: true }]);
  await lift(her.c);
  await endPauseCode(her.c);
  await checkIn(her.c);
  assert.equal((await standing(her.c)).pauseCode, false);
  assert.equal(await (await openGranted(reader.c, grant, 2)).content.text(), "second part");
});

test("two devices of hers act at the same time and both acts stand", async () => {
  const devices = [her.anew(), her.anew(), her.anew()];
  for (const device of devices) await listTestimonies(device);
  const made = await Promise.all(devices.map((c, i) => createTestimony(c, { title: `device ${i}`, language: "en", warnings: [], parts: [] })));
  assert.equal(new Set(made.map((m) => m.testimony)).size, 3);
  assert.equal((await listTestimonies(her.c)).list.length, 4);
  for (const { testimony } of made) assert.deepEqual(await erase(her.c, testimony), { left: false, backupsDays: 90 });
});

test("what the command line seals is opened here, and the other way round", async () => {
  const cli = w.person("cli");
  await cli.run("enrol", "--yes", "--words-out", cli.wordsFile);
  const file = join(w.folder, "note.txt");
  writeFileSync(file, "написано в терміналі");
  await cli.run("add", "new", file, "--title", "Ранок", "--language", "uk");
  const here = somebody(w, await secretOf(cli.words()));
  const { list: [item], doubt } = await listTestimonies(here.c);
  assert.deepEqual([item?.card?.title, item?.parts, doubt], ["Ранок", 1, undefined]);
  assert.ok(item);
  const opened = await openOwnPart(here.c, item.testimony, 1);
  assert.deepEqual([await opened.content.text(), opened.info.name], ["написано в терміналі", "note.txt"]);

  const there = await createTestimony(here.c, { title: "من هنا", language: "ar", warnings: [], parts: [written("مكتوب في المتصفح", "رسالة.txt")] });
  const listed = await cli.run("list", "--json");
  assert.ok(listed.out.includes("من هنا"));
  const target = join(w.folder, "opened");
  mkdirSync(target);
  await cli.run("open", there.testimony, "1", "-o", target);
  assert.equal(readFileSync(join(target, "part-1", "content"), "utf8"), "مكتوب في المتصفح");
  await cli.run("grant", there.testimony, "--to", reader.c.account, "--parts", "1", "--yes");
  const got = (await inbox(reader.c)).find((g) => "from" in g && g.from === here.c.account);
  assert.ok(got);
  assert.equal(await (await openGranted(reader.c, got.grant, 1)).content.text(), "مكتوب في المتصفح");
  await cli.run("verify", "--content");
});

test("one statement takes everything back, a suspended reader gets nothing, and what is erased is gone", async () => {
  const ended = await withdraw(her.c, {});
  assert.ok(ended.length >= 1 && ended.every((e) => e.known && e.reader === reader.c.account));
  for (const g of await listGrants(her.c, made.testimony)) assert.equal(g.state, "revoked");
  await reply(reader.c, ended[0]?.grant ?? "", "kept", "for an appeal that is under way");
  assert.equal((await withdrawals(her.c)).find((x) => x.grant === ended[0]?.grant)?.reply?.reason, "for an appeal that is under way");
  await suspend(steward.c, reader.c.account);
  assert.equal(await refused(give(her.c, { testimony: made.testimony, parts: [1], to: reader.c.account, terms: {} })), "accreditation-stopped");
  assert.equal((await applied(reader.c)).state, "stopped");

  await erase(her.c, made.testimony);
  assert.equal(await refused(showTestimony(her.c, made.testimony)), "erased");
  const anew = her.anew();
  assert.deepEqual((await listTestimonies(anew)).list, []);
  assert.equal(await refused(openOwnPart(anew, made.testimony, 1)), "erased");
});
