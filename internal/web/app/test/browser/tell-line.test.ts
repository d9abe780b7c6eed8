// A line that drops, again and again, in the middle of one upload, and minutes in which nothing moves: it goes on by itself, with what has
// arrived, and what is stored is what she chose.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { makeWords, openNotes, place, stored, type Hands, type Place } from "./telling.ts";

const size = 12 << 20;
const drops = 5;

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

/** ready brings a file up to the question whether to send it, and gives her words. */
async function ready(h: Hands, file: string): Promise<string> {
  await h.press("tell.begin");
  const words = await makeWords(h);
  await h.press("tell.drafts.memory");
  await h.press("tell.kinds.files");
  await h.page.locator("#files").setInputFiles(file);
  await h.press("tell.files.asis");
  await h.page.locator("#view .actions button.main").click();
  await h.press("tell.next");
  await h.press("tell.terms.no");
  await h.title("tell.send.heading");
  return words;
}

/** film is a file of noise with a name of its own. */
function film(name: string, bytes: Buffer): string {
  const path = join(here.world.folder, name);
  writeFileSync(path, bytes);
  return path;
}

const digest = (bytes: Buffer | undefined): string => createHash("sha256").update(bytes ?? "").digest("hex");

test("the line drops five times in one upload, which goes on each time from where it was", () => inChromium(async (visit) => {
  visit.allow(/request failed|ERR_|answer 401|answer 409: PATCH|Failed to load resource/); // cut on purpose: what was on its way may still be written when it is asked for
  const bytes = randomBytes(size);
  const h = await openNotes(visit.page, here.line.url, "en");
  const words = await ready(h, film("five.bin", bytes));
  const before = here.line.sent().length;
  let broken = here.line.cutAfter(1 << 20);
  await h.press("tell.send.begin");
  for (let n = 1; n <= drops; n++) {
    await broken;
    if (n < drops) broken = here.line.cutAfter(1 << 20);
  }
  await h.title("tell.sent.heading");
  const up = here.line.sent().length - before;
  assert.ok(up > size && up < size * 2, `${String(up)} bytes went up for ${String(size)}: it began again and again`);
  const [part, ...more] = await stored(here.world.person("five", words), here.world.folder);
  assert.equal(more.length, 0);
  assert.equal(digest(part?.content), digest(bytes));
}));

test("minutes without a line, by the page's clock: nothing is lost, and it goes on when the line is back", () => inChromium(async (visit) => {
  visit.allow(/request failed|ERR_|answer 401|answer 409: PATCH|Failed to load resource/); // what was on its way when it was cut may be written after the page has asked where to go on
  const { page } = visit;
  await page.clock.install();
  const bytes = randomBytes(size);
  const h = await openNotes(page, here.line.url, "en");
  const words = await ready(h, film("silence.bin", bytes));
  const broken = here.line.cutAfter(3 << 20);
  await h.press("tell.send.begin");
  await broken;
  await page.context().setOffline(true);
  await h.says("tell.send.waiting");
  await page.clock.fastForward("04:00"); // the page waits longer each time, up to a minute; less than the lock of an idle page
  await h.says("tell.send.waiting");
  await page.context().setOffline(false);
  await page.clock.runFor("01:05");
  await h.title("tell.sent.heading");
  const [part] = await stored(here.world.person("silence", words), here.world.folder);
  assert.equal(digest(part?.content), digest(bytes));
}));
