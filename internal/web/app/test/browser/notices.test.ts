// What a researcher and a steward see of a vault whose stewards have said farewell, or have stopped saying that nobody demanded
// anything in secret: the same as she sees in hers, in their language, and clean for whoever uses the page with other senses.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { compact } from "../../src/core/jws.ts";
import { secretOf } from "../core/secrets.ts";
import { aSteward } from "../somebody.ts";
import { app } from "../world.ts";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";
import { applies, cast, quiet, text, type Cast } from "./readcast.ts";

const day = 86_400;
const origin = "https://new.example";
const file = join(tmpdir(), `canary-${String(process.pid)}-${String(Date.now())}`);
let c: Cast;
before(async () => {
  c = await cast({ canary_file: file });
});
after(() => c.vault.stop());

/** said is a notice in a language, with its places filled in. */
function said(language: string, key: string, values: Record<string, string> = {}): string {
  const all = JSON.parse(readFileSync(join(app, "words", language, "notices.json"), "utf8")) as Record<string, string>;
  return (all[key] ?? assert.fail(key)).replace(/\{([a-z]+)\}/g, (_, name: string) => values[name] ?? "");
}

const bare = (t: string) => t.replace(/[\u2066-\u2069]/g, "");

async function told(page: Page, language: string): Promise<void> {
  await page.getByText(said(language, "notices.then")).waitFor();
  await page.getByText(said(language, "notices.false")).waitFor();
  const shown = bare(await page.locator("[role=status]", { hasText: said(language, "notices.then") }).innerText());
  assert.ok(shown.includes(said(language, "notices.moving", { origin })), shown);
  await noViolations(page);
  await page.setViewportSize({ width: 320, height: 640 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), "nothing is cut off at 320 px");
}

async function steward(page: Page, language: string): Promise<void> {
  await page.goto(`${c.vault.url}/${language}/team`);
  await page.locator("#view button.main").click();
  await page.locator("#words").fill(c.vault.steward.words());
  await page.locator("form button[type=submit]").click();
  await page.locator("nav.rooms").waitFor();
}

test("where nothing is to be said nothing is", () => inChromium(async ({ page }) => {
  await steward(page, "en");
  await page.getByText("Nobody is waiting.").waitFor();
  await page.waitForLoadState("networkidle");
  assert.equal(await page.locator(".fault").count(), 0);
}));

test("farewell and silence stand above what a steward and a researcher came for", async () => {
  const ahead = (days: number) => new Date(Date.now() + days * day * 1000).toISOString().slice(0, 10);
  await c.steward.run("steward", "farewell", "moving", "--to", origin, "--stops", ahead(35), "--last", ahead(60), "--yes");
  const { c: speaker } = aSteward({ url: c.vault.url, vault: c.vault.vault }, await secretOf(c.vault.steward.words()));
  const today = Math.floor(Date.now() / 1000 / day) * day;
  const claims = { iss: speaker.account, aud: c.vault.vault, day: today - 30 * day, until: today - 7 * day, says: "no-secret-demand" };
  const word = await compact({ alg: "EdDSA", typ: "tv-canary+jwt", kid: speaker.account }, claims, async (b) => speaker.keys?.sign(b) ?? assert.fail());
  writeFileSync(file, `${word}\nnonsense\n`);
  for (const language of ["ar", "en"]) {
    await inChromium(async (visit) => {
      visit.allow(quiet);
      await steward(visit.page, language);
      await told(visit.page, language);
    });
    await inChromium(async (visit) => {
      visit.allow(quiet);
      await applies(visit.page, c.vault.url, language);
      await told(visit.page, language);
      assert.ok(await visit.page.getByText(text(language, "read.standing.waiting")).isVisible(), "and it keeps nobody from the page");
    });
  }
});

test("a vault whose roster does not hold is accused on the page, for it could take a farewell back", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  await page.route("**/v1/roster", async (route) => {
    const answer = await route.fetch();
    const { links } = (await answer.json()) as { links: object[] };
    links.push(links[0] ?? assert.fail()); // a document that nobody approved there
    await route.fulfill({ response: answer, json: { links } });
  });
  await steward(page, "en");
  await page.locator("[role=status] .fault", { hasText: text("en", "fault.roster-broken") }).waitFor();
}));
