// What the tests of telling share: a vault behind a line that can be cut, and the hands of
// somebody who goes through the screens.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { app, world, type Person, type World } from "../world.ts";
import { noViolations } from "./axe.ts";
import { line, type Line } from "./line.ts";
import { unpacked } from "./lz4.ts";

export interface Place {
  readonly world: World;
  readonly line: Line;
  stop(): Promise<void>;
}

/** place starts a vault that is reached through a line. */
export async function place(settings: Readonly<Record<string, string>> = {}): Promise<Place> {
  const [port, behind] = [await freePort(), await freePort()];
  const w = await world({ listen: `127.0.0.1:${String(behind)}`, origins: `http://127.0.0.1:${String(port)}`, ...settings });
  const l = await line(port, () => `http://127.0.0.1:${String(behind)}`);
  return { world: w, line: l, stop: async () => {
    await l.close();
    await w.stop();
  } };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

const texts = new Map<string, Record<string, string | Record<string, string>>>();

/** text is what a screen says, in the language of the page. */
export function text(language: string, key: string): string {
  for (const room of ["tell", "making", "unlock", "mine", "common"]) {
    const file = `${language}/${room}`;
    if (!texts.has(file)) texts.set(file, JSON.parse(readFileSync(join(app, "words", `${file}.json`), "utf8")) as Record<string, string>);
    const found = texts.get(file)?.[key];
    if (typeof found === "string") return found;
    if (found) return found["one"] ?? "";
  }
  throw new Error(`no text ${key}`);
}

/** Hands go through the screens of one page. */
export interface Hands {
  readonly page: Page;
  press(key: string): Promise<void>;
  title(key: string): Promise<void>;
  says(key: string): Promise<void>;
}

/** hands presses what has the text of a key. Each screen it reaches is checked by axe. */
export function hands(page: Page, language: string): Hands {
  const button = (key: string) => page.locator("#view button, #view a").filter({ hasText: text(language, key).split("{")[0] ?? "" }).first();
  return {
    page,
    press: async (key) => button(key).click(),
    title: async (key) => {
      await page.locator("#view h1", { hasText: text(language, key) }).waitFor();
      await noViolations(page);
    },
    says: async (key) => page.locator("#view", { hasText: text(language, key).split("{")[0] ?? "" }).waitFor(),
  };
}

/** openNotes opens the page. */
export async function openNotes(page: Page, url: string, language: string): Promise<Hands> {
  await page.goto(`${url}/${language}/notes`);
  const h = hands(page, language);
  await h.title("tell.begin").catch(() => undefined);
  return h;
}

/** makeWords goes from the offer of words to the question about drafts, and gives what was on the paper. */
export async function makeWords(h: Hands): Promise<string> {
  await h.title("tell.words.heading");
  await h.press("tell.words.make");
  await h.page.locator(".grid li").first().waitFor();
  await noViolations(h.page);
  const words = await h.page.locator(".grid li").allInnerTexts();
  await h.press("tell.paper.done");
  await h.title("tell.check.heading");
  for (const field of await h.page.locator("#view form input").all()) {
    const at = Number(/\d+$/.exec((await field.getAttribute("id")) ?? "")?.[0]);
    await field.fill(words[at] ?? "");
  }
  await h.press("tell.check.done");
  await h.title("tell.drafts.heading");
  return words.join(" ");
}

/** enterWords gives words that were made before. */
export async function enterWords(h: Hands, words: string): Promise<void> {
  await h.page.locator("#words").fill(words);
  await noViolations(h.page);
  await h.press("unlock.open");
}

/** stored opens all parts of all testimonies of one person with the command line client, in their order. */
export async function stored(person: Person, folder: string): Promise<{ info: Record<string, unknown>; content: Buffer }[]> {
  const list = JSON.parse((await person.run("list", "--json")).out) as { testimonies: { testimony: string; parts: number }[] };
  const found: { info: Record<string, unknown>; content: Buffer }[] = [];
  for (const { testimony, parts } of list.testimonies) {
    for (let n = 1; n <= parts; n++) {
      const to = join(folder, `${testimony}-${String(n)}`);
      await person.run("open", testimony, String(n), "-o", to);
      const saved = join(to, `part-${String(n)}`);
      found.push({ info: JSON.parse(readFileSync(join(saved, "part.json"), "utf8")) as Record<string, unknown>, content: readFileSync(join(saved, "content")) });
    }
  }
  return found;
}

/** bytesIn reads every file below a folder. */
export function bytesIn(folder: string): Map<string, Buffer> {
  const all = new Map<string, Buffer>();
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = join(folder, name);
    try {
      if (statSync(file).isFile()) all.set(name, unpacked(readFileSync(file)));
    } catch {
      continue; // sockets and what a browser takes away meanwhile
    }
  }
  return all;
}

/** nowhere fails if a secret stands in any of the bytes, in the spellings that programs use. */
export function nowhere(secrets: readonly string[], where: Iterable<readonly [string, Buffer]>): void {
  for (const [name, bytes] of where) {
    for (const secret of secrets) {
      for (const spelled of [Buffer.from(secret, "utf8"), Buffer.from(secret, "utf16le"), Buffer.from(encodeURIComponent(secret)), Buffer.from(JSON.stringify(secret).slice(1, -1))]) {
        assert.ok(!bytes.includes(spelled), `plaintext stands in ${name}`);
      }
    }
  }
}

export const run = promisify(execFile);
