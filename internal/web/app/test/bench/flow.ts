// A hand that rests only to write goes from the first page to a text that is stored.
import type { Page } from "playwright-core";
import { text } from "../browser/telling.ts";

const story = "كنت في البيت حين سمعت الطائرات. كتبت هذا بنفسي.";

/** Moments, in seconds since the participant's page was asked for. */
export interface Moments {
  readonly usable: number; // the page offers to begin
  readonly pressed: number; // she asks to lock and send
  readonly stored: number; // she is told that it is there
}

async function title(page: Page, language: string, key: string): Promise<void> {
  await page.locator("#view h1", { hasText: text(language, key) }).waitFor();
}

async function press(page: Page, language: string, key: string): Promise<void> {
  await page.locator("#view button").filter({ hasText: text(language, key).split("{")[0] ?? "" }).first().click();
}

/** start opens the first page and gives the seconds until it can be used. */
export async function start(page: Page, url: string, language: string): Promise<number> {
  const began = performance.now();
  await page.goto(`${url}/${language}/`, { waitUntil: "load" });
  await page.locator(`a[href="/${language}/notes"]`).first().waitFor();
  return since(began);
}

const since = (began: number) => (performance.now() - began) / 1000;

/** tell goes on from the first page. Writing takes so many seconds. */
export async function tell(page: Page, language: string, writing = 0): Promise<Moments> {
  const began = performance.now();
  const [go, see] = [(key: string) => press(page, language, key), (key: string) => title(page, language, key)];
  await page.locator(`a[href="/${language}/notes"]`).first().click();
  await page.locator("#view .choices button").first().waitFor();
  const usable = since(began);
  await go("tell.begin");
  await see("tell.words.heading");
  await go("tell.words.make");
  await writeDown(page, language);
  await go("tell.drafts.memory");
  await see("tell.kinds.heading");
  await go("tell.kinds.write");
  await page.locator("#writing").fill(story);
  await page.waitForTimeout(writing * 1000);
  await go("tell.write.done");
  await see("tell.review.heading");
  await go("tell.next");
  await see("tell.terms.heading");
  await go("tell.terms.notnow");
  await see("tell.send.heading");
  const pressed = since(began);
  await go("tell.send.begin");
  await see("tell.sent.heading");
  return { usable, pressed, stored: since(began) };
}

/** writeDown gives the words back where they are asked for. */
async function writeDown(page: Page, language: string): Promise<void> {
  await page.locator(".grid li").first().waitFor();
  const words = await page.locator(".grid li").allInnerTexts();
  await press(page, language, "tell.paper.done");
  await title(page, language, "tell.check.heading");
  for (const field of await page.locator("#view form input").all()) {
    const at = Number(/\d+$/.exec((await field.getAttribute("id")) ?? "")?.[0]);
    await field.fill(words[at] ?? "");
  }
  await press(page, language, "tell.check.done");
  await title(page, language, "tell.drafts.heading");
}
