// What somebody tries who has her phone after a lock, or cuts and holds back her line. Each test is an attack that once worked.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page, Response } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { enterWords, makeWords, openNotes, place, text, type Hands, type Place } from "./telling.ts";
import type { Person } from "../world.ts";

let here: Place;
const people: Person[] = [];

before(async () => {
  here = await place();
  for (const name of ["salma", "decoy"]) {
    const person = here.world.person(name);
    await person.run("enrol", "--yes", "--words-out", person.wordsFile);
    people.push(person);
  }
});

after(() => here.stop());

const story = "CANARY-77aa stood in the kitchen";
const first = /answer 401|Failed to load resource/; // a first proof has no nonce
const wordsOf = (n: number): string => people[n]?.words() ?? assert.fail();
const closed = (page: Page) => page.locator("h1", { hasText: text("en", "notes.heading") }).waitFor();

async function writes(h: Hands, where: "tell.drafts.phone" | "tell.drafts.memory"): Promise<string> {
  await h.press("tell.begin");
  const words = await makeWords(h);
  await h.press(where);
  await h.press("tell.kinds.write");
  await h.page.locator("#writing").fill(story);
  await h.press("tell.write.done");
  await h.title("tell.review.heading");
  return words;
}

test("an answer held back until after the lock does not open the account", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(first, /ABORT/);
  await page.clock.install();
  const h = await openNotes(page, here.line.url, "en");
  let asked = () => {};
  let release = () => {};
  const asking = new Promise<void>((resolve) => (asked = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/v1/session", async (route) => {
    asked();
    await released;
    await route.continue().catch(() => undefined);
  });
  await h.press("mine.open");
  await enterWords(h, wordsOf(0));
  await asking;
  await page.clock.fastForward(600_000);
  await closed(page);
  await h.press("mine.open");
  await page.locator("#words").waitFor();
  release();
  for (let i = 0; i < 30; i++) await page.evaluate(async () => (await fetch("/v1/vault")).text()); // time for the answer to come
  assert.equal(await page.locator("#words").count(), 1, "the account opened after the lock");
}));

test("after a lock, leaving still leaves nothing of the site behind Back", () => inChromium(async ({ page }) => {
  await page.clock.install();
  const h = await openNotes(page, here.line.url, "en");
  await h.press("tell.begin");
  await h.press("tell.words.later");
  await h.press("tell.kinds.write");
  await page.locator("#writing").waitFor();
  await page.clock.fastForward(600_000);
  await closed(page);
  await page.locator("#exit").click();
  await page.waitForURL("**/blank");
  for (let i = 0; i < 5; i++) {
    await page.goBack();
    assert.match(page.url(), /\/blank$|^about:blank$/);
  }
}, { faultless: false }));

test("a write that stands in line when the page locks takes nothing of the draft away", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(first);
  await page.clock.install();
  const h = await openNotes(page, here.line.url, "en");
  const words = await writes(h, "tell.drafts.phone");
  await page.waitForFunction(async () => (await indexedDB.databases()).length > 0);
  await page.clock.runFor("05:10");
  await page.locator("#idle").waitFor();
  // In one task the page goes out of sight, which has the draft kept, and is locked.
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    document.querySelector<HTMLElement>("#idle .actions button:last-child")?.click();
    delete (document as { visibilityState?: unknown }).visibilityState;
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await closed(page);
  await h.press("tell.goon");
  await enterWords(h, words);
  await h.title("tell.carry.heading");
  await h.press("tell.carry.goon");
  await h.title("tell.review.heading");
  await page.locator(".excerpt", { hasText: story }).waitFor();
}));

test("with words here nothing is told before it is known how it is kept: a lock takes it away", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(first);
  await page.clock.install();
  const h = await openNotes(page, here.line.url, "en");
  await h.press("mine.open");
  await enterWords(h, wordsOf(0));
  await h.title("mine.heading");
  await page.goBack();
  await h.press("tell.begin");
  await h.title("tell.drafts.heading");
  await h.press("tell.drafts.memory");
  await h.press("tell.kinds.write");
  await page.locator("#writing").fill(story);
  await h.press("tell.write.done");
  await h.title("tell.review.heading");
  await page.clock.fastForward(600_000);
  await closed(page);
  await h.press("tell.begin");
  await h.press("tell.words.later");
  await h.says("tell.kinds.heading");
  assert.ok(!(await page.content()).includes("CANARY"));
}));

test("a microphone that is allowed after she went back does not run", () => inChromium(async ({ page }) => {
  await page.addInitScript(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    const w = window as unknown as { allow?: () => void; heard?: MediaStream };
    navigator.mediaDevices.getUserMedia = async (what) => {
      await new Promise<void>((resolve) => (w.allow = resolve));
      return (w.heard = await real(what));
    };
  });
  const h = await openNotes(page, here.line.url, "en");
  await h.press("tell.begin");
  await h.press("tell.words.later");
  await h.press("tell.kinds.speak");
  await h.press("tell.speak.begin");
  await page.waitForFunction(() => "allow" in window);
  await page.goBack();
  await h.title("tell.kinds.heading");
  await page.evaluate(() => (window as unknown as { allow: () => void }).allow());
  await page.waitForFunction(() => (window as unknown as { heard?: MediaStream }).heard?.getTracks().every((track) => track.readyState === "ended"));
}, { microphone: true }));

/** asked is what a line sees of a vault that is opened: requests, answers and lengths, with names that are drawn taken out. */
async function asked(n: number): Promise<string[]> {
  const seen: string[] = [];
  await inChromium(async (visit) => {
    visit.allow(first);
    visit.page.on("response", (r: Response) => {
      const path = new URL(r.url()).pathname.replace(/[A-Za-z0-9_-]{26,}/g, "*");
      if (path.startsWith("/v1/")) seen.push(`${r.request().method()} ${path} ${String(r.status())}`);
    });
    const h = await openNotes(visit.page, here.line.url, "ar");
    await h.press("mine.open");
    await enterWords(h, wordsOf(n));
    await h.title("mine.heading");
    await visit.page.locator(".menu button").first().waitFor();
  });
  return seen.sort();
}

test("a second phrase opens another vault, and nothing on the line says which of the two it was", async () => {
  const [real, decoy] = [await asked(0), await asked(1)];
  assert.ok(real.length > 3);
  assert.deepEqual(decoy, real);
});

test("other words on the same page see nothing of what was told with the first", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(first);
  const h = await openNotes(page, here.line.url, "en");
  await writes(h, "tell.drafts.memory");
  await page.evaluate(() => history.go(1 - (history.state as { depth: number }).depth));
  await h.press("tell.goon");
  await enterWords(h, wordsOf(1));
  await h.title("tell.carry.heading");
  assert.ok(!(await page.content()).includes("CANARY"));
  await h.press("tell.begin");
  await h.title("tell.kinds.heading");
  assert.equal(await page.locator("#view button", { hasText: text("en", "tell.review.heading") }).or(page.locator("#view .main")).count(), 0);
  assert.ok(!(await page.content()).includes("CANARY"));
}));
