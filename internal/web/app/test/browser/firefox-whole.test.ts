// The whole of it in Firefox ESR, in a plain profile: from the first page over words, checking them, writing, locking and
// sending, to her vault, which shows and opens what she told.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { tells } from "./firefox-telling.ts";
import { place, type Place } from "./telling.ts";

let here: Place;
before(async () => {
  here = await place();
});
after(() => here.stop());

test("a text in Arabic is told in Firefox, and her vault shows it", () => tells(here, {}, "عنوان CANARY-5d20", async (f, title) => {
  await f.press("mine.open");
  await f.title("mine.heading");
  await f.page.waitForSelector("#view .entry");
  const entries = await f.page.$$eval("#view .entry strong", (all) => all.map((e) => e.textContent));
  assert.deepEqual(entries.map((e) => e.trim()), [title]);
}));
