// Taking everything along and locking a part anew, in a browser, with the command line and stock age as the other side.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { openWithStock } from "../stockage.ts";
import { inChromium } from "./chromium.ts";
import { cast, enters, type Cast, type Hands, type Json } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
  await c.adds("The river", "I was at the river", "second");
});
after(() => c.vault.stop());

async function toTakeout(h: Hands): Promise<void> {
  await h.press("mine.menu.settings");
  await h.heading("mine.menu.settings");
  await h.press("mine.settings.takeout");
  await h.heading("mine.settings.takeout");
}

/** picker answers in the place of the dialog that a browser shows: the file is a real one that is written to as it comes. */
async function picker(page: Page): Promise<void> {
  await page.addInitScript(() => {
    Object.assign(globalThis, { showSaveFilePicker: async (how: { suggestedName: string }) => (await navigator.storage.getDirectory()).getFileHandle(how.suggestedName, { create: true }) });
  });
}

for (const language of ["en", "ar"]) {
  test(`all of it is taken as one file that opens without this vault (${language})`, () => inChromium(async (visit) => {
    const { page } = visit;
    await page.addInitScript(() => Object.assign(globalThis, { showSaveFilePicker: undefined })); // as most browsers are
    const h = await enters(visit, c, language);
    await toTakeout(h);
    const saving = page.waitForEvent("download");
    await h.press("mine.takeout.yes");
    const download = await saving;
    assert.equal(download.suggestedFilename(), "notes.tar");
    const folder = join(c.vault.folder, `taken-${language}`);
    mkdirSync(folder);
    await download.saveAs(join(folder, "notes.tar"));
    await h.sees(h.say("mine.takeout.done"));
    execFileSync("tar", ["-xf", "notes.tar"], { cwd: folder });
    execFileSync("sha256sum", ["-c", "--strict", "SHA256SUMS"], { cwd: join(folder, "notes") });
    assert.match(readFileSync(join(folder, "notes/README.txt"), "utf8"), language === "ar" ? /[\u0600-\u06ff]/ : /This folder/);

    await h.press("mine.takeout.keymake");
    await h.sees(h.say("mine.takeout.keywarning")); // nothing is written before she has been told
    const key = page.waitForEvent("download");
    await h.press("mine.save.yes");
    const saved = await key;
    assert.equal(saved.suggestedFilename(), "key.txt");
    const identity = readFileSync(await saved.path(), "utf8");
    const opened = await openWithStock(join(folder, "opened"), identity, readFileSync(join(folder, "notes/001/part-1.age")));
    assert.equal(opened.content.toString(), "I was at the river");
  }, { width: 320 }));
}

test("where the browser can, the file is written to its place as it comes, and to none when it breaks off", () => inChromium(async (visit) => {
  const { page } = visit;
  await picker(page);
  const h = await enters(visit, c, "en");
  await toTakeout(h);
  visit.allow(/404|Failed to load resource/);
  const cut = /\/parts\/2\/content$/;
  await page.route(cut, (route) => route.fulfill({ status: 404, contentType: "application/problem+json", body: "{}" }));
  await h.press("mine.takeout.yes");
  await page.locator(".fault").first().waitFor();
  const size = (): Promise<number> => page.evaluate(async () => (await (await (await navigator.storage.getDirectory()).getFileHandle("notes.tar")).getFile()).size);
  assert.equal(await size(), 0, "half a file was left");
  await page.unroute(cut);
  await h.press("mine.takeout.yes");
  await h.sees(h.say("mine.takeout.done"));
  const bytes = await page.evaluate(async () => {
    const file = await (await (await navigator.storage.getDirectory()).getFileHandle("notes.tar")).getFile();
    return [...new Uint8Array(await file.arrayBuffer())];
  });
  const folder = join(c.vault.folder, "streamed");
  mkdirSync(folder);
  writeFileSync(join(folder, "notes.tar"), Buffer.from(bytes));
  execFileSync("tar", ["-xf", "notes.tar"], { cwd: folder });
  execFileSync("sha256sum", ["-c", "--strict", "SHA256SUMS"], { cwd: join(folder, "notes") });
}));

test("who says no to the place has nothing written and is told of no failure", () => inChromium(async (visit) => {
  await visit.page.addInitScript(() => Object.assign(globalThis, { showSaveFilePicker: () => Promise.reject(new DOMException("no", "AbortError")) }));
  const h = await enters(visit, c, "en");
  await toTakeout(h);
  await h.press("mine.takeout.yes");
  await visit.page.getByRole("button", { name: h.say("mine.takeout.yes"), exact: true }).waitFor();
  assert.equal(await visit.page.locator(".fault, progress").count(), 0);
}));

test("a part is locked anew, once however quick the finger, and its reader goes on", () => inChromium(async (visit) => {
  const { page } = visit;
  const testimony = await c.adds("Anew", "a key was seen");
  await c.her.run("grant", testimony, "--to", c.account, "--parts", "1", "--yes");
  const grant = String(((await c.json("show", testimony))["grants"] as Json[])[0]?.["grant"]);
  const h = await enters(visit, c, "en");
  await h.pressText(/Anew/);
  await h.pressText(new RegExp(`^${h.say("mine.part", { n: 1 })}`));
  await h.heading("mine.part", { n: 1 });
  await h.press("mine.relock");
  await h.heading("mine.relock");
  await page.getByRole("button", { name: h.say("mine.relock.yes"), exact: true }).evaluate((button) => {
    for (let i = 0; i < 3; i++) (button as HTMLButtonElement).click();
  });
  await h.heading("mine.relock.done");
  await h.sees(h.say("mine.relock.readers", { count: 1 }));
  const feed = JSON.stringify(await c.json("feed", testimony));
  assert.equal(feed.match(/"relocked"/g)?.length, 1);
  assert.match((await c.her.run("open", testimony, "1", "--show")).out, /a key was seen/);
  assert.match((await c.reader.run("researcher", "open", grant, "1", "--show")).out, /a key was seen/);
}));
