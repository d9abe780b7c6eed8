// Words that are asked back, and what a lock finds where there are none yet.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { enterWords, makeWords, openNotes, place, type Hands, type Place } from "./telling.ts";

let here: Place;
before(async () => {
  here = await place();
});
after(() => here.stop());

const fields = (page: Page) => page.locator("#view form input");

/** answers fills what is asked in, from the paper or from another one. */
async function answers(page: Page, words: string[]): Promise<void> {
  for (const field of await fields(page).all()) await field.fill(words[Number(/\d+$/.exec((await field.getAttribute("id")) ?? "")?.[0])] ?? "");
}

async function paper(h: Hands): Promise<string[]> {
  await h.page.locator(".grid li").first().waitFor();
  return h.page.locator(".grid li").allInnerTexts();
}

test("who is wrong three times sees the words again, the same ones, and can go on with them", () => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/);
  const { page } = visit;
  const h = await openNotes(page, here.line.url, "en");
  await h.press("tell.begin");
  await h.press("tell.words.make");
  const words = await paper(h);
  await h.press("tell.paper.done");
  await h.title("tell.check.heading");
  for (const left of [2, 1]) {
    await answers(page, words.map(() => "wrong"));
    await h.press("tell.check.done");
    await page.locator("#view .fault").waitFor();
    assert.equal(await fields(page).count(), 2, `${String(left)} tries are left`);
    assert.ok(!(await page.locator("#view").innerText()).includes(words[0] ?? "-"), "the words are shown beside the question");
  }
  await h.press("tell.check.done");
  assert.deepEqual(await paper(h), words, "other words than on her paper");
  await h.press("tell.paper.done");
  await h.title("tell.check.heading");
  await answers(page, words.map(() => "wrong"));
  await h.press("tell.check.done");
  await page.locator("#view .fault").waitFor(); // the tries are counted anew
  await answers(page, words.map((word) => ` ${word.toUpperCase()} `));
  await h.press("tell.check.done");
  await h.title("tell.drafts.heading");
}));

const story = "CANARY I was at the river";

async function writes(h: Hands): Promise<void> {
  await h.title("tell.kinds.heading");
  await h.press("tell.kinds.write");
  await h.title("tell.write.heading");
  await h.page.locator("#writing").fill(story);
}

test("where others use the phone there are words before anything is told, and after a lock only they bring it back", () => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/);
  const { page } = visit;
  await page.addInitScript(() => (window.name = "1"));
  await page.clock.install();
  const h = await openNotes(page, here.line.url, "en");
  await h.press("tell.begin");
  await h.title("tell.words.heading");
  assert.equal(await page.locator("#view .choices button").count(), 2, "later is offered");
  await h.page.goBack();
  await h.press("tell.begin");
  await h.title("tell.words.heading");
  await h.press("tell.words.make");
  const words = await paper(h);
  await h.press("tell.paper.done");
  await h.title("tell.check.heading");
  await answers(page, words);
  await h.press("tell.check.done");
  await writes(h);
  await page.clock.fastForward(150_000);
  const goOn = page.locator("#view button", { hasText: "Go on with what I began" });
  await goOn.waitFor();
  for (const key of ["tell.begin", "mine.open", "tell.goon"]) {
    await h.press(key);
    await goOn.waitFor({ state: "detached" });
    assert.ok(!(await page.content()).includes("CANARY"), `${key} shows it before her words were given`);
    const typed = await page.evaluate(() => [...document.querySelectorAll("textarea, input")].map((field) => (field as HTMLInputElement).value).join());
    assert.ok(!typed.includes("CANARY"), key);
    if (key === "tell.goon") break;
    await page.goBack();
    await goOn.waitFor();
  }
  await enterWords(h, words.join(" "));
  await h.title("tell.carry.heading");
}));

test("on her own phone she is told what later means, and words she makes afterwards lock what was told", () => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/);
  const { page } = visit;
  await page.clock.install();
  const h = await openNotes(page, here.line.url, "en");
  await h.press("tell.begin");
  await h.title("tell.words.heading");
  await h.says("tell.words.laterhint");
  await h.press("tell.words.later");
  await writes(h);
  await h.press("tell.write.done");
  await h.title("tell.review.heading");
  await h.press("tell.next");
  await h.title("tell.terms.heading");
  await h.press("tell.terms.notnow");
  const words = await makeWords(h);
  await h.press("tell.drafts.memory");
  await page.clock.fastForward(600_000);
  await page.locator("#view button", { hasText: "Go on with what I began" }).waitFor();
  assert.ok(!(await page.content()).includes("CANARY"));
  await h.press("tell.goon");
  await page.locator("#words").waitFor();
  assert.ok(!(await page.content()).includes("CANARY"));
  await enterWords(h, words);
  await h.title("tell.carry.heading");
}));
