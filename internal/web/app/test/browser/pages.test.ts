// Every page in every language, as people of different eyes, hands and devices meet it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { world, type World } from "../world.ts";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";
import { inFirefox } from "./firefox.ts";
import { fits, keyboard, touchable } from "./measure.ts";
import { everyPage, languages, readable, readablePages } from "./places.ts";

let vault: World;

before(async () => {
  vault = await world();
});

after(() => vault.stop());

/** goto waits until the page's scripts have shown what they show at first. */
async function goto(page: Page, path: string): Promise<void> {
  await page.goto(vault.url + path);
  if (/\/(notes|read|team)$/.test(path)) await page.waitForSelector("#view > *");
  if (path !== "/blank") await page.waitForSelector("#practice:not([hidden])");
}

for (const group of ["/blank", ...languages]) {
  const paths = everyPage().filter((path) => (group === "/blank" ? !path.slice(1).includes("/") : path.startsWith(`/${group}/`)));

  test(`for all eyes and hands: ${paths.join(" ")}`, () => inChromium(async ({ page }) => {
    for (const path of paths) {
      await page.setViewportSize({ width: 320, height: 568 });
      await goto(page, path);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await noViolations(page);
      }
      await fits(page);
      await touchable(page);
      await keyboard(page);
      await page.setViewportSize({ width: 320, height: 256 }); // a window of 1280 px at a zoom of 400 %
      await fits(page);
      await page.setViewportSize({ width: 360, height: 640 });
      await page.evaluate("document.documentElement.style.setProperty('font-size', '200%')"); // text alone
      await fits(page);
    }
  }));
}

test("every page fits at a zoom of 200 %", () => inChromium(async ({ page }) => {
  for (const path of everyPage()) {
    await goto(page, path);
    await fits(page);
  }
}, { width: 720, height: 1280, zoom: 2 }));

test("answers open advice that axe finds nothing in", () => inChromium(async ({ page }) => {
  for (const language of languages) {
    await goto(page, `/${language}/`);
    assert.equal(await page.locator(".advice:visible").count(), 0, "no advice before an answer");
    for (const answer of ["yes", "no"]) {
      for (const name of ["shared", "near"]) await page.check(`input[name=${name}][value=${answer}]`);
      assert.equal(await page.locator(".advice:visible").count(), 2, "one advice for each answer");
      await noViolations(page);
    }
  }
}));

test("each page is of its language, direction and neutral title", () => inChromium(async ({ page }) => {
  const titles: Record<string, string> = { en: "Notes", fr: "Notes", ar: "ملاحظات", uk: "Нотатки", ckb: "تێبینی" };
  for (const path of everyPage()) {
    await goto(page, path);
    const language = path.split("/").find((part) => part in titles) ?? "en";
    const html = page.locator("html");
    assert.equal(await html.getAttribute("lang"), language, path);
    assert.equal(await page.evaluate("getComputedStyle(document.body).direction"), language === "ar" || language === "ckb" ? "rtl" : "ltr", path);
    assert.equal(await page.title(), titles[language], path);
  }
}));

test("support and the way out are on every page, and support opens over work without leaving it", () => inChromium(async ({ page }) => {
  for (const path of everyPage().filter((p) => p !== "/blank")) {
    await goto(page, path);
    assert.equal(await page.locator("#exit:visible").count(), 1, path);
    if (path !== "/") assert.equal(await page.locator("#help:visible").count(), 1, path);
  }
  for (const language of languages) {
    await goto(page, `/${language}/notes`);
    await page.evaluate("document.title = 'here still'");
    await page.click("#help");
    await page.waitForSelector("dialog article h1");
    await noViolations(page);
    await page.click("dialog button.main");
    await page.waitForSelector("dialog", { state: "detached" });
    assert.equal(await page.title(), "here still");
  }
}));

test("support that was opened once opens without a line, and one that never was says what to do", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/ERR_INTERNET_DISCONNECTED/);
  await goto(page, "/en/notes");
  await page.context().setOffline(true);
  await page.click("#help");
  await page.waitForSelector("dialog [role=alert]");
  assert.match((await page.textContent("dialog [role=alert]")) ?? "", /still here/);
  await page.click("dialog button.main");
  await page.context().setOffline(false);
  await page.click("#help");
  await page.waitForSelector("dialog article");
  await page.click("dialog button.main");
  await page.context().setOffline(true);
  await page.click("#help");
  await page.waitForSelector("dialog article");
}));

test("pages are whole without scripts in Chromium", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/^request failed: GET \S+\/a\/c-[A-Z0-9]+\.js: csp$/); // a module that the page announces is not fetched, which is what was asked for
  for (const path of readablePages()) {
    await page.goto(vault.url + path);
    assert.ok((await page.innerText("main")).length > 40, path);
  }
  for (const language of languages) {
    await page.goto(`${vault.url}/${language}/notes`);
    assert.ok((await page.innerText("noscript")).length > 100, "who cannot go on is told what to do");
    await page.goto(`${vault.url}/${language}/`);
    await page.check("input[name=near][value=yes]");
    assert.equal(await page.locator(".advice:visible").count(), 1);
    await page.click("#exit");
    await page.waitForURL("**/blank");
  }
}, { scripts: false }));

test("pages are whole without scripts in Firefox", () => inFirefox(async ({ page }) => {
  for (const language of languages) {
    for (const path of [...readable, "/notes"]) {
      await page.goto(`${vault.url}/${language}${path}`);
      // A tree of what assistive technology is told needs no script of the page.
      const tree = JSON.stringify(await page.evaluate(() => document.querySelector("main")?.textContent));
      assert.ok(tree.length > 200, path);
      if (path === "/notes") assert.equal(await page.evaluate(() => document.querySelector("noscript")?.checkVisibility()), true);
    }
  }
}, { scripts: false }));
