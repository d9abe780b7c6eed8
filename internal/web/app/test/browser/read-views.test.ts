// Every screen of the researcher's, in Arabic and English: for everybody, by keyboard alone, and at 320 pixels.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";
import { fits, keyboard, touchable } from "./measure.ts";
import { accredited, applies, cast, looksAt, quiet, text, type Cast } from "./readcast.ts";
import { pictured } from "./recorded.ts";

let all: Cast;
before(async () => {
  all = await cast();
});
after(() => all.vault.stop());

/** good is what every screen must be. */
async function good(page: Page): Promise<void> {
  await noViolations(page);
  await fits(page);
  await touchable(page);
  await keyboard(page);
}

for (const language of ["ar", "en"]) {
  const say = (key: string, values?: Record<string, string>): string => text(language, key, values);
  const press = (page: Page, key: string): Promise<void> => page.getByRole("button", { name: say(key), exact: true }).click();

  test(`the screens of coming in are for everybody (${language})`, () => inChromium(async (visit) => {
    const { page } = visit;
    visit.allow(quiet);
    await page.goto(`${all.vault.url}/${language}/read`);
    await page.getByRole("button", { name: say("read.door.new") }).waitFor();
    await good(page);
    await press(page, "read.door.words");
    await page.getByLabel(say("unlock.label")).waitFor();
    await good(page);
    await page.goBack();
    await press(page, "read.door.new");
    await page.getByRole("button", { name: say("read.new.make") }).waitFor();
    await good(page);
    await press(page, "read.new.make");
    await page.locator(".secret-sheet li").first().waitFor();
    await good(page);
    const words = (await page.locator(".secret-sheet li").allInnerTexts()).join(" ");
    await press(page, "read.sheet.next");
    await page.getByLabel(say("read.again.label")).fill("x");
    await press(page, "read.go");
    await page.getByText(say("read.again.wrong")).waitFor();
    await good(page);
    await page.getByLabel(say("read.again.label")).fill(words);
    await press(page, "read.go");
    await page.getByLabel(say("read.apply.field.name")).waitFor();
    await press(page, "read.apply.send");
    await page.getByText(say("read.apply.missing")).waitFor();
    await good(page);
  }, { width: 320 }));

  test(`the screens of reading are for everybody (${language})`, () => inChromium(async (visit) => {
    const { page } = visit;
    visit.allow(quiet, /404/);
    const reader = await applies(page, all.vault.url, language);
    await good(page);
    await accredited(page, all, reader, language);
    const testimony = await all.adds(all.file("told.txt", "كنت في البيت\n\nI was at home"), all.file("photo.png", await pictured(page, "image/png")));
    const grant = await all.grants(testimony, reader.account, "--parts", "1,2", "--access", "download", "--max-reads", "3");
    await press(page, "read.standing.look");
    await page.locator(".cards").waitFor();
    await good(page);
    await looksAt(page, language);
    await good(page);
    await page.getByRole("button", { name: /1|١/ }).first().click();
    await page.getByText(say("read.before.seen")).waitFor();
    await good(page);
    await press(page, "read.before.open");
    await page.locator(".words").waitFor();
    await good(page);
    await press(page, "read.back");
    await page.getByRole("button", { name: /2|٢/ }).first().click();
    await press(page, "read.before.open");
    await press(page, "read.uncover");
    await page.frameLocator("iframe.stage").locator("img").waitFor();
    await good(page);
    await press(page, "read.back");
    await press(page, "read.ask.title");
    await page.getByText(say("read.ask.do")).waitFor();
    await good(page);
    await press(page, "read.back");
    await all.her.run("revoke", testimony, grant);
    await press(page, "read.back");
    await page.locator("p.notice button").click();
    await page.getByText(say("read.fetched")).waitFor();
    await good(page);
    await press(page, "read.reply.title");
    await page.getByLabel(say("read.reply.say.kept")).check();
    await page.getByLabel(say("read.reply.reason")).fill("سبب");
    await good(page);
  }, { width: 320 }));
}

test("a text is opened with the keyboard alone", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const testimony = await all.adds(all.file("told.txt", "told"));
  await all.grants(testimony, reader.account, "--parts", "1");
  const go = async (name: string): Promise<void> => {
    for (let i = 0; i < 40; i++) {
      if (await page.evaluate((want) => document.activeElement?.getAttribute("aria-label") === want || document.activeElement?.textContent === want, name)) break;
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
  };
  await go(text("en", "read.standing.look"));
  await page.locator(".cards").waitFor();
  await page.locator(".cards button.main").focus();
  await page.keyboard.press("Enter");
  await page.getByText(text("en", "read.promises")).waitFor();
  await go(text("en", "read.open.part", { n: "1" }));
  await page.getByText(text("en", "read.before.seen")).waitFor();
  await go(text("en", "read.before.open"));
  await page.locator(".words").waitFor();
  assert.equal(await page.locator(".words").textContent(), "told");
}));
