// Who takes part in the researcher's tests: a steward and a participant at the command line, and a researcher in a browser. What the
// researcher does is done as a person does it, by the names of buttons and fields.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { app, world, type Person, type World } from "../world.ts";

export interface Cast {
  readonly vault: World;
  readonly steward: Person;
  readonly her: Person;
  /** file writes something that she can add. */
  file(name: string, content: string | Uint8Array): string;
  /** adds gives a testimony made of files. */
  adds(...files: string[]): Promise<string>;
  /** grants gives the grant. */
  grants(testimony: string, to: string, ...terms: string[]): Promise<string>;
  /** openings are the readers' events of her feed, as JSON lines. */
  feed(testimony: string): Promise<string>;
}

/** cast founds a vault with a steward who has joined and a participant who has enrolled. */
export async function cast(settings: Record<string, string> = {}): Promise<Cast> {
  const vault = await world(settings);
  const { steward } = vault;
  await steward.run("steward", "join");
  const her = vault.person("her");
  await her.run("enrol", "--yes", "--words-out", her.wordsFile);
  return {
    vault, steward, her,
    file: (name, content) => {
      const path = join(vault.folder, name);
      writeFileSync(path, content);
      return path;
    },
    adds: async (...files) => {
      const before = await testimonies(her);
      await her.run("add", "new", ...files, "--title", "T", "--language", "ar");
      return (await testimonies(her)).find((t) => !before.includes(t)) ?? assert.fail("nothing was added");
    },
    grants: async (testimony, to, ...terms) => {
      const before = await grantsOf(her, testimony);
      await her.run("grant", testimony, "--to", to, "--yes", ...terms);
      return (await grantsOf(her, testimony)).find((g) => !before.includes(g)) ?? assert.fail("nothing was granted");
    },
    feed: async (testimony) => (await her.run("feed", testimony)).out,
  };
}

async function testimonies(her: Person): Promise<string[]> {
  const said = JSON.parse((await her.run("list", "--json")).out) as unknown;
  return ids(said, "testimony");
}

async function grantsOf(her: Person, testimony: string): Promise<string[]> {
  return ids(JSON.parse((await her.run("show", testimony, "--json")).out) as unknown, "grant");
}

/** ids finds every member of a name in what a program said. */
function ids(said: unknown, name: string): string[] {
  if (Array.isArray(said)) return said.flatMap((one) => ids(one, name));
  if (typeof said !== "object" || said === null) return [];
  return Object.entries(said).flatMap(([key, value]) => (key === name && typeof value === "string" ? [value] : ids(value, name)));
}

const texts = new Map<string, Record<string, string>>();

/** text is what a page in a language says. */
export function text(language: string, key: string, values: Record<string, string> = {}): string {
  const said = texts.get(language) ?? load(language);
  texts.set(language, said);
  const found = said[key] ?? assert.fail(`no text ${key}`);
  return found.replace(/\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? "");
}

function load(language: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const room of ["common", "terms", "unlock", "researcher"]) Object.assign(all, JSON.parse(readFileSync(join(app, "words", language, `${room}.json`), "utf8")));
  return all;
}

export interface Researcher {
  readonly words: string;
  readonly account: string;
}

/** applies makes a key in the browser, copies the sheet, types it again, and applies. */
export async function applies(page: Page, url: string, language = "en"): Promise<Researcher> {
  const say = (key: string): string => text(language, key);
  await page.goto(`${url}/${language}/read`);
  await page.getByRole("button", { name: say("read.door.new") }).click();
  await page.getByRole("button", { name: say("read.new.make") }).click();
  await page.locator(".secret-sheet li").first().waitFor();
  const words = (await page.locator(".secret-sheet li").allInnerTexts()).join(" ");
  const account = (await page.locator(".fingerprint").nth(1).innerText()).replace(/\s/g, "");
  await page.getByRole("button", { name: say("read.sheet.next") }).click();
  await page.getByLabel(say("read.again.label")).fill(words);
  await page.getByRole("button", { name: say("read.go"), exact: true }).click();
  await page.getByLabel(say("read.apply.field.name")).fill("نور Reader");
  await page.getByLabel(say("read.apply.field.institution")).fill("An Institute");
  await page.getByLabel(say("read.apply.field.purpose")).fill("To listen");
  await page.getByRole("button", { name: say("read.apply.send") }).click();
  await page.getByText(say("read.standing.waiting")).waitFor();
  return { words, account };
}

/** accredited has the steward vouch, and the page look again. */
export async function accredited(page: Page, all: Cast, of: Researcher, language = "en"): Promise<void> {
  await all.steward.run("steward", "accredit", of.account, "--yes");
  await page.getByRole("button", { name: text(language, "read.standing.look") }).click();
  await page.getByText(text(language, "read.inbox.none")).waitFor();
}

/** quiet lets through what is no fault: Chromium calls an answer aborted whose body was read to its end piece by piece, sometimes,
 *  and a recording that is taken away with its frame. */
export const quiet = /Permissions-Policy|^request failed: GET \S+\/content: net::ERR_ABORTED$|^request failed: GET blob:null\//;

/** looksAt goes from the inbox to the only grant in it. */
export async function looksAt(page: Page, language = "en"): Promise<void> {
  await page.getByRole("button", { name: text(language, "read.standing.look") }).click();
  await page.locator(".cards button.main").first().click();
  await page.getByText(text(language, "read.promises")).waitFor();
}

/** opens opens a part of the grant that is looked at. */
export async function opens(page: Page, n: number, language = "en"): Promise<void> {
  await page.getByRole("button", { name: text(language, "read.open.part", { n: String(n) }) }).click();
  await page.getByText(text(language, "read.before.seen")).waitFor();
  await page.getByRole("button", { name: text(language, "read.before.open") }).click();
  await page.locator(".reading").waitFor();
}
