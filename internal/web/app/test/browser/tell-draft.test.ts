// Drafts: a phone that dies loses seconds; a phone that is searched tells nothing; leaving,
// and a shared phone, leave nothing at all.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inChromium, openChromium } from "./chromium.ts";
import { bytesIn, enterWords, makeWords, nowhere, openNotes, place, type Hands, type Place } from "./telling.ts";

const story = "CANARY-5d21 was at home when it began";

async function inPlace(use: (here: Place) => Promise<void>): Promise<void> {
  const here = await place();
  try {
    await use(here);
  } finally {
    await here.stop();
  }
}

async function write(h: Hands, where: "tell.drafts.phone" | "tell.drafts.memory"): Promise<string> {
  await h.press("tell.begin");
  const words = await makeWords(h);
  await h.press(where);
  await h.title("tell.kinds.heading");
  await h.press("tell.kinds.write");
  await h.title("tell.write.heading");
  await h.page.locator("#writing").fill(story);
  return words;
}

const names = (page: Page) => page.evaluate(async () => (await indexedDB.databases()).map((db) => db.name));

/** kept waits until the draft has the state in which she wrote: pieces come one after another. */
async function kept(page: Page): Promise<void> {
  const newest = () => page.evaluate(() => new Promise<number>((resolve) => {
    const asked = indexedDB.open("notes");
    asked.onsuccess = () => {
      const all = asked.result.transaction("n").objectStore("n").getAll();
      all.onsuccess = () => {
        asked.result.close();
        resolve((all.result as Uint8Array[]).reduce((sum, piece) => sum + piece.reduce((a, b) => (a * 31 + b) % 1_000_003, 7), 0));
      };
    };
  }));
  const before = await newest();
  for (let i = 0; i < 200; i++) {
    if ((await newest()) !== before) return;
    await page.waitForTimeout(50);
  }
  assert.fail("the draft was not kept");
}

test("a browser that is killed brings back what she wrote, for her words only", () => inPlace(async (here) => {
  const first = await openChromium();
  try {
    const h = await openNotes(first.page, here.line.url, "en");
    const words = await write(h, "tell.drafts.phone");
    await kept(first.page);
    await first.kill();
    nowhere([story, "CANARY", words], [["a request", here.line.sent()], ...bytesIn(first.profile)]);

    await inChromium(async (visit) => {
      visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
      const again = await openNotes(visit.page, here.line.url, "en");
      await again.press("tell.goon");
      await enterWords(again, words);
      await again.title("tell.carry.heading");
      await again.press("tell.carry.goon");
      await again.title("tell.kinds.heading");
      await again.press("tell.kinds.write");
      await again.title("tell.write.heading");
      assert.equal(await visit.page.locator("#writing").inputValue(), story);
    }, { profile: first.profile });
  } finally {
    await first.close().catch(() => undefined);
    rmSync(first.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}));

test("leaving by the red button takes the draft with it", () => inPlace((here) => inChromium(async (visit) => {
  const h = await openNotes(visit.page, here.line.url, "en");
  await write(h, "tell.drafts.phone");
  await kept(visit.page);
  await visit.page.locator("#exit").click();
  await visit.page.waitForURL("**/blank");
  assert.deepEqual(await names(visit.page), []);
}, { faultless: false })));

test("on a phone that others use, nothing of it is in the browser's folder", () => inPlace((here) => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
  const h = await openNotes(visit.page, here.line.url, "en");
  const words = await write(h, "tell.drafts.memory");
  await h.press("tell.write.done");
  await h.title("tell.review.heading");
  assert.deepEqual(await names(visit.page), []);
  nowhere([story, "CANARY", words], bytesIn(visit.profile));
})));

test("a page that locks itself loses nothing: her words bring it back, and nothing was kept on the phone", () => inPlace((here) => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
  await visit.page.clock.install();
  const h = await openNotes(visit.page, here.line.url, "en");
  const words = await write(h, "tell.drafts.memory");
  await h.press("tell.write.done");
  await h.title("tell.review.heading");
  await visit.page.clock.fastForward(600_000); // ten minutes without a touch
  await visit.page.locator("#view button", { hasText: "Go on with what I began" }).waitFor();
  assert.ok(!(await visit.page.content()).includes("CANARY"));
  await h.press("tell.goon");
  await enterWords(h, words);
  await h.title("tell.carry.heading");
  await h.press("tell.carry.goon");
  await h.title("tell.review.heading");
  await visit.page.locator(".excerpt", { hasText: story }).waitFor();
  assert.deepEqual(await names(visit.page), []);
})));
