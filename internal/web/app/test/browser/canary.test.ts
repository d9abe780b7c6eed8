// The whole story in one browser, with marks in everything she writes, names and shows: told, kept, sent, given, opened by a reader,
// taken back, erased, left. The marks are sought in all that went up the line, in the vault's folder, and in the browser's.
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { app } from "../world.ts";
import { openChromium } from "./chromium.ts";
import { gives, hands as mine, home, type Json } from "./minecast.ts";
import { bytesIn, makeWords, nowhere, openNotes, place, text } from "./telling.ts";

const marks = ["CANARY-1f0e they came in the night", "CANARY-2b7d the winter", "CANARY-3c5a from the window", "CANARY-4d99.jpg"] as const;
const [story, title, label, fileName] = marks;
const photo = readFileSync(join(app, "..", "..", "samples", "testdata", "photo-gps.jpg"));

/** samples are stretches of bytes that stand for the whole. */
function samples(bytes: Buffer): Buffer[] {
  return [0.3, 0.6, 0.9].map((share) => bytes.subarray(Math.floor((bytes.length - 48) * share)).subarray(0, 48));
}

function absent(what: readonly Buffer[], where: Iterable<readonly [string, Buffer]>, why: string): void {
  for (const [name, bytes] of where) for (const one of what) assert.ok(!bytes.includes(one), `${why} in ${name}`);
}

test("from telling to erasing, nothing readable is on the line, in the vault's folder or in the browser's", async () => {
  const here = await place();
  const visit = await openChromium();
  visit.allow(/answer 401|Failed to load resource/);
  const { page } = visit;
  const { world } = here;
  try {
    const reader = world.person("leyla");
    const who = ["--name", "Dr. Leyla Haddad", "--institution", "Institute for Listening", "--purpose", "How women describe safety"];
    const { account } = JSON.parse((await reader.run("researcher", "enrol", "--words-out", reader.wordsFile, ...who, "--json")).out) as { account: string };
    await world.steward.run("steward", "join");
    await world.steward.run("steward", "accredit", account, "--yes");

    const h = await openNotes(page, here.line.url, "en");
    await h.press("tell.begin");
    const words = await makeWords(h);
    await h.press("tell.drafts.phone");
    await h.press("tell.kinds.write");
    await page.locator("#writing").fill(story);
    await h.press("tell.write.done");
    await h.title("tell.review.heading");
    await h.press("tell.review.more");
    await h.press("tell.kinds.files");
    await h.title("tell.files.heading");
    await page.locator("#files").setInputFiles({ name: fileName, mimeType: "image/jpeg", buffer: photo });
    await page.locator(".parts > li", { hasText: text("en", "tell.found.place") }).waitFor();
    await page.locator(".parts input[type=checkbox]").check(); // the original too, with its name and place
    await page.locator("#view .actions button.main").click();
    await h.title("tell.review.heading");
    await page.locator("#title").fill(title);
    await page.locator("input[id^=label]").last().fill(label);
    await h.press("tell.next");
    await h.press("tell.terms.notnow");
    await h.press("tell.send.begin");
    await h.title("tell.sent.heading");

    const v = mine(page, "en");
    await v.press("mine.open");
    await v.heading("mine.heading");
    await gives(v, title);
    await v.press("mine.yes");
    await v.heading("mine.give.given");
    const person = world.person("salma", words);
    const [one] = (JSON.parse((await person.run("list", "--json")).out) as { testimonies: Json[] }).testimonies;
    const testimony = String(one?.["testimony"]);
    const [given] = (JSON.parse((await person.run("show", testimony, "--json")).out) as { grants: Json[] }).grants;
    const grant = String(given?.["grant"]);
    assert.match((await reader.run("researcher", "open", grant, "1", "--show")).out, /CANARY-1f0e/);
    await v.press("mine.done");
    await v.press("mine.feed");
    await v.heading("mine.feed");
    await v.sees(/Dr\. Leyla Haddad/);
    await v.back();
    await v.press("mine.access.see");
    await v.pressText(/Dr\. Leyla Haddad/);
    await v.press("mine.revoke");
    await v.press("mine.revoke.yes");
    await v.heading("mine.revoke.done");
    assert.notEqual((await reader.tries("researcher", "open", grant, "1", "--show")).code, 0);
    await home(v);
    await v.press("mine.menu.takeback");
    await v.press("mine.takeback.yes");
    await v.heading("mine.revoke.done");
    await v.press("mine.done");
    const stored = [...bytesIn(world.data)].filter(([name, bytes]) => /blob|object/.test(name) && bytes.length >= 256).map(([, bytes]) => bytes);
    assert.ok(stored.length >= 2, `${String(stored.length)} payloads found`);

    await home(v);
    await v.pressText(new RegExp(title));
    await v.press("mine.erase");
    await v.fill(v.say("mine.erase.type", { word: v.say("mine.erase.word") }), v.say("mine.erase.word"));
    await v.press("mine.erase.yes");
    await v.heading("mine.erase.done");
    absent(stored.flatMap(samples), bytesIn(world.data), "bytes of what was erased");

    await page.locator("#exit").click();
    await page.waitForURL("**/blank");
    await visit.close();
    const all = [["the line", here.line.sent()], ["the log", Buffer.from(world.log())], ...bytesIn(world.data), ...bytesIn(visit.profile)] as [string, Buffer][];
    nowhere([...marks, "CANARY", words, words.split(" ").slice(0, 3).join(" ")], all);
    absent(samples(photo), all, "the photo");
    assert.ok(here.line.sent().includes("/v1/"), "the line was looked at");
  } finally {
    await visit.close().catch(() => undefined);
    rmSync(visit.profile, { recursive: true, force: true, maxRetries: 5 });
    await here.stop();
  }
});
