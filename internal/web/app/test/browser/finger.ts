// The hands of somebody in Firefox: what telling.ts is for Chromium. Puppeteer presses and fills, the page's own texts say what.
import { text } from "./telling.ts";
import type { Page } from "puppeteer-core";

const shown = { visible: true } as const;

/** Fingers go through the screens of one page. */
export interface Fingers {
  readonly page: Page;
  press(key: string): Promise<void>;
  title(key: string): Promise<void>;
  fill(selector: string, value: string): Promise<void>;
}

/** fingers press what has the text of a key in a language. */
export function fingers(page: Page, language: string): Fingers {
  const words = (key: string) => text(language, key).split("{")[0]?.trim() ?? "";
  const find = (selector: string, key: string) =>
    page.waitForFunction((of: string, part: string) => {
      const flat = (t: string) => t.replace(/\s+/g, " ");
      return [...document.querySelectorAll<HTMLElement>(of)].find((e) => e.checkVisibility() && flat(e.textContent).includes(flat(part))) ?? false;
    }, {}, selector, words(key));
  return {
    page,
    press: async (key) => {
      const found = await find("#view button, #view a", key);
      await found.asElement()?.evaluate((e) => (e as HTMLElement).click());
    },
    title: async (key) => void (await find("#view h1", key)),
    fill: async (selector, value) => {
      const field = await page.waitForSelector(selector, shown);
      await field?.evaluate((e, typed) => {
        (e as HTMLInputElement).value = typed;
        e.dispatchEvent(new Event("input", { bubbles: true }));
      }, value);
    },
  };
}

/** firstWords makes words, gives them back where they are asked for, and answers the question about drafts. */
export async function firstWords(f: Fingers, drafts: string): Promise<string> {
  await f.title("tell.words.heading");
  await f.press("tell.words.make");
  await f.page.waitForSelector(".grid li", shown);
  const words = await f.page.$$eval(".grid li", (all) => all.map((li) => li.textContent));
  await f.press("tell.paper.done");
  await f.title("tell.check.heading");
  for (const id of await f.page.$$eval("#view form input", (all) => all.map((input) => input.id))) {
    await f.fill(`#${id}`, words[Number(/\d+$/.exec(id)?.[0])] ?? "");
  }
  await f.press("tell.check.done");
  await f.title("tell.drafts.heading");
  await f.press(drafts);
  return words.join(" ");
}

/** write writes a text and sends it. */
export async function write(f: Fingers, title: string, story: string): Promise<void> {
  await f.title("tell.kinds.heading");
  await f.press("tell.kinds.write");
  await f.fill("#writing", story);
  await f.press("tell.write.done");
  await f.title("tell.review.heading");
  await f.fill("#title", title);
  await f.press("tell.next");
  await f.title("tell.terms.heading");
  await f.press("tell.terms.notnow");
  await f.title("tell.send.heading");
  await f.press("tell.send.begin");
  await f.title("tell.sent.heading");
}
