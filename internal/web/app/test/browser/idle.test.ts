// A page that nobody touches, and an instruction that somebody wants to hear.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { world, type World } from "../world.ts";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";
import { languages } from "./places.ts";
import { text } from "./telling.ts";

let vault: World;

before(async () => {
  vault = await world();
});

after(() => vault.stop());

/** resting opens the page with a clock that the test moves. */
async function resting(page: Page, language: string): Promise<void> {
  await page.clock.install();
  await page.goto(`${vault.url}/${language}/notes`);
  await page.waitForSelector("#view button");
  await page.waitForSelector("#practice:not([hidden])");
}

test("a page that nobody touches warns first, in every language", () => inChromium(async ({ page }) => {
  for (const language of languages) {
    await resting(page, language);
    await page.clock.runFor("04:50");
    assert.equal(await page.locator("#idle").count(), 0);
    await page.clock.runFor("00:15");
    await page.waitForSelector("#idle[role=alertdialog]");
    await noViolations(page);
  }
}));

test("a touch in time keeps it open, the end of the warning locks it", () => inChromium(async ({ page }) => {
  await resting(page, "en");
  await page.click("button:has-text('Tell something new')");
  const first = await page.locator("h1").innerText();
  await page.clock.runFor("05:10");
  await page.click("#idle button.main");
  await page.waitForSelector("#idle", { state: "detached" });
  await page.clock.runFor("05:10");
  await page.waitForSelector("#idle");
  assert.equal(await page.locator("h1").innerText(), first, "still where she was");
  await page.clock.runFor("00:30");
  await page.waitForSelector("#idle", { state: "detached" });
  await page.waitForSelector(`h1:has-text("${text("en", "notes.heading")}")`);
}));

test("a phone that slept locks before it shows anything, though a finger was quick", () => inChromium(async ({ page }) => {
  await resting(page, "en");
  await page.click("button:has-text('Tell something new')");
  await page.clock.pauseAt(new Date(Date.now() + 3_600_000)); // no timer ran meanwhile but those that were due
  await page.keyboard.press("Tab");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.waitForSelector(`h1:has-text("${text("en", "notes.heading")}")`);
}));

test("a shared phone locks sooner, and says so", () => inChromium(async ({ page }) => {
  await page.clock.install();
  await page.goto(`${vault.url}/en/`);
  await page.check("input[name=shared][value=yes]");
  await page.click("a.main");
  await page.waitForSelector("#view button");
  await page.waitForSelector(`footer:has-text("${text("en", "shared.on")}")`);
  await page.clock.runFor("01:35");
  await page.waitForSelector("#idle");
  assert.doesNotMatch(page.url(), /[?#]/, "no address says it");
}));

test("an instruction is heard when she asks, and not before; in Sorani there is no button", () => inChromium(async ({ page }) => {
  await page.addInitScript(`{ const { play } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.play = function () { this.addEventListener("timeupdate", () => { window.heard = this.currentTime; }); return play.call(this); }; }`);
  const fetched: string[] = [];
  page.on("request", (request) => fetched.push(new URL(request.url()).pathname));
  for (const language of languages) {
    await page.goto(`${vault.url}/${language}/notes`);
    await page.waitForSelector("#view button");
    await page.click("#view button >> nth=0");
    await page.waitForSelector(".do");
    const button = page.locator("button.listen");
    assert.equal(await button.count(), language === "ckb" ? 0 : 1, language);
    assert.deepEqual(fetched.filter((path) => path.endsWith(".ogg")), [], "nothing is fetched or played by itself");
    if (language === "ckb") continue;
    const came = page.waitForResponse((answer) => answer.url().endsWith(".ogg"));
    await button.click();
    assert.match((await came).url(), new RegExp(`/a/${language}-tell\\.`));
    await page.waitForFunction((stop) => document.querySelector("button.listen")?.textContent === stop, text(language, "listen.stop"));
    await page.waitForFunction(() => ((window as { heard?: number }).heard ?? 0) > 0.1);
    await button.click();
    await page.waitForFunction((listen) => document.querySelector("button.listen")?.textContent === listen, text(language, "listen.play"));
    fetched.length = 0;
  }
}));
