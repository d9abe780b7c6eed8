// Who takes part in the tests of her vault: she, a reader, a steward and trustees at the command line, and she again in a
// browser. What she does there is done as a person does it: by the names of buttons and fields, with the keyboard.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { app, world, type Person, type World } from "../world.ts";
import { noViolations } from "./axe.ts";
import type { Visit } from "./browser.ts";

export interface Cast {
  readonly vault: World;
  readonly her: Person;
  readonly reader: Person;
  readonly account: string; // of the reader
  /** adds stores texts as a new testimony and gives its id. */
  adds(title: string, ...texts: string[]): Promise<string>;
  /** json runs a command of hers and reads its answer. */
  json(...args: string[]): Promise<Json>;
}

export type Json = { [name: string]: Json } & Json[] & string;

/** cast founds a vault in which a reader is vouched for, and she has an account. */
export async function cast(settings: Record<string, string> = {}): Promise<Cast> {
  return castIn(await world(settings));
}

/** castIn is cast in a vault that is there. */
export async function castIn(vault: World): Promise<Cast> {
  const her = vault.person("salma");
  await her.run("enrol", "--yes", "--words-out", her.wordsFile);
  const reader = vault.person("leyla");
  const who = ["--name", "Dr. Leyla Haddad", "--institution", "Institute for Listening", "--purpose", "How women describe safety"];
  const enrolled = await reader.run("researcher", "enrol", "--words-out", reader.wordsFile, ...who, "--json");
  const account = (JSON.parse(enrolled.out) as { account: string }).account;
  await vault.steward.run("steward", "join");
  await vault.steward.run("steward", "accredit", account, "--yes");
  const json = async (...args: string[]): Promise<Json> => JSON.parse((await her.run(...args, "--json")).out) as Json;
  let files = 0;
  const adds = async (title: string, ...texts: string[]): Promise<string> => {
    const paths = texts.map((content) => {
      const path = join(vault.folder, `words-${String(++files)}.txt`);
      writeFileSync(path, content);
      return path;
    });
    await her.run("add", "new", ...paths, "--title", title, "--language", "ar", "--no-name");
    const all = (await json("list"))["testimonies"] as Json[];
    return String(all.find((one) => one["title"] === title)?.["testimony"] ?? assert.fail("not stored"));
  };
  return { vault, her, reader, account, adds, json };
}

const texts = new Map<string, Record<string, string | Record<string, string>>>();

/** text is what a page says, as the page writes it: places are isolated. */
export function text(language: string, key: string, values: Record<string, string | number> = {}): string {
  const all = texts.get(language) ?? load(language);
  texts.set(language, all);
  const found = all[key] ?? assert.fail(`no text ${key}`);
  const count = Number(values["count"] ?? 0);
  const plain = typeof found === "string" ? found : (found[count === 1 ? "one" : count === 0 ? "zero" : "few"] ?? found["other"] ?? assert.fail(key));
  return plain.replace(/\{([a-z_]+)\}/g, (_, name: string) => written(language, values[name] ?? ""));
}

function written(language: string, value: string | number): string {
  if (typeof value === "string") return `\u2068${value}\u2069`;
  return language === "ar" || language === "ckb" ? String(value).replace(/[0-9]/g, (d) => String.fromCharCode(0x660 + Number(d))) : String(value);
}

function load(language: string): Record<string, string | Record<string, string>> {
  const all: Record<string, string> = {};
  for (const room of ["common", "terms", "mine", "trays", "unlock", "tell", "researcher"]) Object.assign(all, JSON.parse(readFileSync(join(app, "words", language, `${room}.json`), "utf8")));
  return all;
}

// The client reads an answer to its last signed byte and lets the rest of it go.
const quiet = /^request failed: (GET|HEAD) \S+\/parts\/\d+\/(content|payload): net::ERR_ABORTED$/;

/** Hands are hers, on one page in one language. */
export interface Hands {
  readonly page: Page;
  say(key: string, values?: Record<string, string | number>): string;
  /** press goes to a button and presses it with the keyboard. */
  press(key: string, values?: Record<string, string | number>): Promise<void>;
  /** pressText is for buttons named by what somebody wrote. */
  pressText(name: string | RegExp): Promise<void>;
  /** heading waits for a view, whole and without violations. */
  heading(key: string, values?: Record<string, string | number>): Promise<void>;
  /** sees waits for words on the page. */
  sees(words: string | RegExp): Promise<void>;
  tick(label: string): Promise<void>;
  fill(label: string, value: string): Promise<void>;
  back(): Promise<void>;
}

export function hands(page: Page, language: string): Hands {
  const say = (key: string, values?: Record<string, string | number>): string => text(language, key, values);
  const pressText = async (name: string | RegExp): Promise<void> => {
    const button = page.getByRole("button", typeof name === "string" ? { name, exact: true } : { name }).first();
    await button.waitFor();
    await button.focus();
    await button.press("Enter");
  };
  return {
    page, say, pressText,
    press: (key, values) => pressText(say(key, values)),
    heading: async (key, values) => {
      await page.getByRole("heading", { level: 1, name: say(key, values), exact: true }).waitFor();
      await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
      await noViolations(page);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${key}: the page is ${String(wide)} px wider than the screen`);
    },
    sees: async (words) => page.locator("#main").getByText(words).first().waitFor(),
    tick: async (label) => {
      const box = page.getByLabel(label, { exact: true });
      await box.focus();
      await box.press("Space");
    },
    fill: async (label, value) => page.getByLabel(label, { exact: true }).fill(value),
    back: async () => void (await page.goBack()),
  };
}

/** gives goes from what is hers through giving access to one part, and lets `choose` change the terms on the way. */
export async function gives(h: Hands, title: string, choose: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await h.pressText(new RegExp(title));
  await h.page.getByRole("heading", { level: 1, name: title }).waitFor();
  await h.press("mine.give");
  await h.heading("mine.give.who");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.give");
  await h.tick(h.say("mine.part", { n: 1 }));
  await choose();
  await h.press("mine.give.next");
  await h.heading("mine.give.question");
}

/** home goes back to the list of what is hers. */
export async function home(h: Hands): Promise<void> {
  for (let i = 0; i < 6 && !(await h.page.getByRole("heading", { level: 1, name: h.say("mine.heading"), exact: true }).isVisible()); i++) {
    const before = await h.page.evaluate(() => (history.state as { depth: number }).depth);
    await h.page.goBack();
    await h.page.waitForFunction((depth) => (history.state as { depth: number }).depth < depth, before);
  }
  await h.heading("mine.heading");
}

/** enters opens the notes page, gives her words and stands before what is hers. */
export async function enters(visit: Visit<Page>, c: Cast, language: string, words = c.her.words()): Promise<Hands> {
  visit.allow(quiet);
  const { page } = visit;
  const { url } = c.vault;
  const h = hands(page, language);
  await page.goto(`${url}/${language}/notes`);
  await h.press("mine.open");
  await page.getByLabel(h.say("unlock.label"), { exact: true }).fill(words);
  await h.press("unlock.open");
  await h.heading("mine.heading");
  return h;
}
