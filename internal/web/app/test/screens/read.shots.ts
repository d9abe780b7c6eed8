// The researcher's views, with her and a steward at the command line.
import type { Page } from "playwright-core";
import { accredited, applies, cast, looksAt, text, type Cast } from "../browser/readcast.ts";
import { pictured, recorded } from "../browser/recorded.ts";
import type { Camera, Shot } from "./shot.ts";

const quiet = /Permissions-Policy|ERR_ABORTED|404|request failed: GET blob:null|Failed to load resource/;
const inDays = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

type Walk = (page: Page, all: Cast, take: Camera["take"], language: string) => Promise<void>;

const asReader = (name: string, walk: Walk): Shot => ({
  name, way: true,
  show: async (page, _, language, camera) => {
    camera.allow(quiet);
    const all = await cast();
    try {
      await walk(page, all, camera.take, language);
    } finally {
      await all.vault.stop();
    }
  },
});

const presser = (page: Page, language: string) => (key: string): Promise<void> => page.getByRole("button", { name: text(language, key), exact: true }).click();

const comingIn = asReader("read-in", async (page, all, take, language) => {
  const press = presser(page, language);
  const label = page.getByLabel(text(language, "read.again.label"));
  await page.goto(`${all.vault.url}/${language}/read`);
  await page.getByRole("button", { name: text(language, "read.door.new") }).waitFor();
  await take("read-door");
  await press("read.door.words");
  await page.getByLabel(text(language, "unlock.label")).fill("these are no words");
  await press("unlock.open");
  await page.locator("#view .fault").waitFor();
  await take("read-enter-wrong");
  await press("read.back");
  await press("read.door.new");
  await page.getByRole("button", { name: text(language, "read.new.make") }).waitFor();
  await take("read-new");
  await press("read.new.make");
  await page.locator(".secret-sheet li").first().waitFor();
  await take("read-sheet");
  const words = (await page.locator(".secret-sheet li").allInnerTexts()).join(" ");
  await press("read.sheet.next");
  await label.fill("x");
  await press("read.go");
  await page.getByText(text(language, "read.again.wrong")).waitFor();
  await take("read-again-wrong");
  await label.fill(words);
  await press("read.go");
  await page.getByLabel(text(language, "read.apply.field.name")).waitFor();
  await press("read.apply.send");
  await page.getByText(text(language, "read.apply.missing")).waitFor();
  await take("read-apply");
});

const reading = asReader("read", async (page, all, take, language) => {
  const press = presser(page, language);
  const reader = await applies(page, all.vault.url, language);
  await take("read-waiting");
  await accredited(page, all, reader, language);
  await take("read-inbox-none");
  const files = [all.file("told.txt", "كنت في البيت\n\nI was at home"), all.file("photo.png", await pictured(page, "image/png")),
    all.file("film.webm", await recorded(page, "video/webm;codecs=vp8,opus", 2, 320))];
  const testimony = await all.adds(...files);
  const grant = await all.grants(testimony, reader.account, "--parts", "1,2,3", "--access", "download", "--max-reads", "3");
  await press("read.standing.look");
  await page.locator(".cards").waitFor();
  await take("read-inbox");
  await looksAt(page, language);
  await take("read-terms");
  await page.getByRole("button", { name: /1|١/ }).first().click();
  await page.getByText(text(language, "read.before.seen")).waitFor();
  await take("read-before");
  await press("read.before.open");
  await page.locator(".words").waitFor();
  await take("read-text");
  await press("read.back");
  await page.getByRole("button", { name: /2|٢/ }).first().click();
  await press("read.before.open");
  await page.getByRole("button", { name: text(language, "read.uncover"), exact: true }).waitFor();
  await take("read-covered");
  await press("read.uncover");
  await page.frameLocator("iframe.stage").locator("img").waitFor();
  await take("read-picture");
  await press("read.back");
  await page.getByRole("button", { name: text(language, "read.open.part", { n: language === "ar" ? "٣" : "3" }) }).click();
  await press("read.before.open");
  await page.frameLocator("iframe.stage").locator("video").waitFor();
  await take("read-film");
  await press("read.back");
  await press("read.ask.title");
  await page.getByText(text(language, "read.ask.do")).waitFor();
  await take("read-ask");
  await press("read.back");
  await all.her.run("revoke", testimony, grant);
  await press("read.back");
  await page.locator("p.notice button").click();
  await page.getByText(text(language, "read.fetched")).waitFor();
  await take("read-ended");
  await press("read.reply.title");
  await page.getByLabel(text(language, "read.reply.say.kept")).check();
  await take("read-reply");
});

const embargo = asReader("read-embargo", async (page, all, take, language) => {
  const reader = await applies(page, all.vault.url, language);
  await accredited(page, all, reader, language);
  const testimony = await all.adds(all.file("later.txt", "later"));
  await all.grants(testimony, reader.account, "--parts", "1", "--from", inDays(40), "--until", inDays(80));
  await looksAt(page, language);
  await take("read-embargo");
});

export const shots: readonly Shot[] = [comingIn, reading, embargo];
