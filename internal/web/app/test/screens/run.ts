// Takes every screen: node .built/test/screens/run.js FOLDER [NAME…]. A screen that cannot be reached, that lacks its one
// heading, the exit or support, or at which the browser reports a fault, ends it. LANGUAGES="ckb uk" takes others.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { noViolations } from "../browser/axe.ts";
import { inChromium } from "../browser/chromium.ts";
import { world, type World } from "../world.ts";
import type { Shot } from "./shot.ts";

const [folder = "screens", ...only] = process.argv.slice(2);
const languages = (process.env["LANGUAGES"] ?? "ar en").split(" ");
mkdirSync(folder, { recursive: true });

const here = dirname(fileURLToPath(import.meta.url));
const all: Shot[] = [];
for (const file of readdirSync(here).filter((name) => name.endsWith(".shots.js")).sort()) {
  const { shots } = (await import(join(here, file))) as { shots: readonly Shot[] };
  all.push(...shots.filter((shot) => only.length === 0 || only.includes(shot.name)));
}
if (all.length === 0) throw new Error("no such screen");

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate("scrollTo(0, 0)"); // so that the bar on top is on top
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** whole is what every view must be. */
async function whole(page: Page, name: string): Promise<void> {
  assert.equal(await page.locator("main h1:visible, dialog h1:visible").count(), 1, `${name}: a view has one heading`);
  assert.equal(await page.locator("main").count(), 1, `${name}: a view has one main part`);
  for (const way of ["#exit", "a[data-support]"]) assert.ok(await page.locator(way).first().isVisible(), `${name}: ${way} is missing`);
  await noViolations(page);
}

async function shoot(shot: Shot, vault: World, language: string): Promise<void> {
  await inChromium(async (visit) => {
    const { page } = visit;
    const take = async (name: string): Promise<void> => {
      await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
      await picture(page, `${name}-${language}`);
      await whole(page, name);
    };
    const allow = (...patterns: readonly RegExp[]): void => visit.allow(...patterns);
    await shot.show(page, vault, language, { take, allow }).catch(async (error: unknown) => {
      await picture(page, `failed-${shot.name}-${language}`); // where it got stuck
      throw error;
    });
    if (shot.way !== true) await picture(page, `${shot.name}-${language}`);
  }, { microphone: true });
}

const vault = await world();
try {
  for (const shot of all) {
    for (const language of languages) await shoot(shot, vault, language);
  }
} finally {
  await vault.stop();
}
