// The stewards' console in a real browser, with the command line as the other side.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { world, type World } from "../world.ts";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";

let vault: World;

before(async () => {
  vault = await world();
});
after(() => vault.stop());

async function signIn(page: Page, words: string, lang = "en"): Promise<void> {
  await page.goto(`${vault.url}/${lang}/team`);
  await page.locator("#view button.main").click();
  await page.locator("#words").fill(words);
  await page.locator("form button[type=submit]").click();
  await page.locator("nav.rooms").waitFor();
}

const room = (page: Page, n: number) => page.locator("nav.rooms button").nth(n).click();

// The practice steward has never joined: the page takes them in, because they are in the roster.
test("a steward joins, vouches for a researcher, sees them accredited and stops it", () => inChromium(async ({ page }) => {
  const reader = vault.person("reader");
  await reader.run("researcher", "enrol", "--words-out", reader.wordsFile, "--name", "Dr. Oksana Lys <b>", "--institution", "Archive of Voices", "--purpose", "to listen");
  await signIn(page, vault.steward.words());
  await page.getByText("Dr. Oksana Lys <b>").waitFor();
  await noViolations(page);
  await page.getByRole("button", { name: "Vouch for this person" }).click();
  await page.getByText("You sign:").waitFor();
  await noViolations(page);
  await page.getByRole("button", { name: "No", exact: true }).click();
  await page.getByRole("button", { name: "Vouch for this person" }).click();
  await page.getByRole("button", { name: "Yes, sign this" }).click();
  await page.getByText("Nobody is waiting.").waitFor();
  await room(page, 1);
  await page.getByText("Dr. Oksana Lys <b>").waitFor();
  await noViolations(page);
  await page.getByRole("button", { name: "Stop this accreditation" }).click();
  await page.getByRole("button", { name: "Yes, stop it now" }).click();
  await page.getByText("Nobody is accredited now.").waitFor();
}));

// No means that nothing was signed: the command line still finds the application waiting.
test("what a steward declines is not signed", () => inChromium(async ({ page }) => {
  const reader = vault.person("other");
  await reader.run("researcher", "enrol", "--words-out", reader.wordsFile, "--name", "Amal", "--institution", "Dar", "--purpose", "to hear");
  await signIn(page, vault.steward.words());
  const hers = page.locator("article", { hasText: "Amal" });
  await hers.getByRole("button", { name: "Vouch for this person" }).click();
  await hers.getByRole("button", { name: "No", exact: true }).click();
  await hers.locator(".fault").waitFor();
  assert.match((await vault.steward.run("steward", "applications")).out, /Amal/);
}));

test("a new steward is proposed, read and taken in", () => inChromium(async ({ page }) => {
  await page.goto(`${vault.url}/en/team`);
  await page.getByRole("button", { name: "I am to become a steward" }).click();
  await page.locator("#name").fill("سعاد");
  await page.getByRole("button", { name: "Make my words" }).click();
  await page.locator("ol.grid li").first().waitFor();
  const words = await page.locator("ol.grid li").allTextContents();
  const line = await page.locator("code").innerText();
  assert.equal(words.length, 12);
  await noViolations(page);
  await signIn(page, vault.steward.words());
  await room(page, 3);
  await page.locator("section input").first().fill(line);
  await page.getByRole("button", { name: "Show what would be signed" }).click();
  await page.getByRole("button", { name: "Yes, sign this list" }).click();
  await page.locator("ul.cards li").nth(1).waitFor();
  await noViolations(page);
  await signIn(page, words.join(" "));
  assert.equal(await page.locator("nav.rooms button").count(), 7);
}));

test("words of nobody in the roster open nothing", () => inChromium(async ({ page }) => {
  await page.goto(`${vault.url}/fr/team`);
  await page.locator("#view button.main").click();
  await page.locator("#words").fill("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about");
  await page.locator("form button[type=submit]").click();
  await page.getByText("Ces mots ne sont pas ceux d’un garant ici.").waitFor();
  assert.equal(await page.locator("nav.rooms").count(), 0);
}));

test("invitations and the state of the vault say nothing of what is in it", () => inChromium(async ({ page }) => {
  await signIn(page, vault.steward.words(), "ar");
  await room(page, 4);
  await page.locator(".actions button").first().click();
  assert.match(await page.locator("section code").innerText(), /^\S{20,}$/);
  await noViolations(page);
  await room(page, 5);
  await page.locator("dl.facts").waitFor();
  await noViolations(page);
  assert.match(await page.locator("dl.facts").innerText(), /[٠-٩]/);
}));
