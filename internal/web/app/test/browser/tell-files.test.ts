// Files: what devices wrote into them is shown and gone before anything is sent; the
// original is kept only if she wants; what is stored is what the Go client would store.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { app } from "../world.ts";
import { inChromium } from "./chromium.ts";
import { bytesIn, makeWords, nowhere, openNotes, place, stored, text, type Hands, type Place } from "./telling.ts";

const samples = join(app, "..", "..", "samples", "testdata");
const photo = join(samples, "photo-gps.jpg");
const clip = join(samples, "clip-location.mp4");
const paper = join(samples, "testimony-ar.txt");

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

async function toFiles(h: Hands): Promise<string> {
  await h.press("tell.begin");
  const words = await makeWords(h);
  await h.press("tell.drafts.memory");
  await h.title("tell.kinds.heading");
  await h.press("tell.kinds.files");
  await h.title("tell.files.heading");
  return words;
}

/** cleanedInGo has the Go client clean and store a file, and gives what it stored. */
async function cleanedInGo(name: string, file: string): Promise<Buffer> {
  const person = here.world.person(name);
  await person.run("enrol", "--yes", "--words-out", person.wordsFile);
  await person.run("add", "new", "--only-clean", file);
  const [part] = await stored(person, here.world.folder);
  assert.ok(part);
  return part.content;
}

/** shownIn waits until the frame that has no origin shows something. */
async function shownIn(page: Page, tag: "img" | "video"): Promise<void> {
  const node = page.frameLocator(`.look iframe.stage.${tag === "img" ? "picture" : "film"}`).locator(tag);
  await node.evaluate((it) => new Promise<void>((resolve) => {
    const look = (): void => {
      const shows = it instanceof HTMLVideoElement ? it.duration > 0 : (it as HTMLImageElement).naturalWidth > 0;
      if (shows) resolve();
      else setTimeout(look, 20);
    };
    look();
  }));
}

test("a photo and a clip lose where and when they were made; she sees it, and keeps an original if she wants", () => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
  const h = await openNotes(visit.page, here.line.url, "en");
  const words = await toFiles(h);
  await visit.page.locator("#files").setInputFiles([photo, clip, paper]);
  await visit.page.locator(".parts > li", { hasText: text("en", "tell.found.place") }).nth(1).waitFor();
  await visit.page.locator(".parts > li", { hasText: "15.369, 44.191" }).waitFor();
  await h.says("tell.files.unknown");
  assert.equal(await visit.page.locator("#view .actions button.main").count(), 0); // she decides about the paper first
  await h.press("tell.files.asis");
  await visit.page.locator(".parts input[type=checkbox]").first().check();
  await visit.page.locator("#view .actions button.main").click();
  await h.title("tell.review.heading");
  await visit.page.locator("#view button", { hasText: text("en", "tell.look.see") }).click();
  await shownIn(visit.page, "img");
  await visit.page.locator("#view button", { hasText: text("en", "tell.look.hear") }).click();
  await shownIn(visit.page, "video");
  assert.equal(await visit.page.locator("#view img, #view video").count(), 0, "a file of others was decoded beside her keys");
  await h.press("tell.next");
  await h.title("tell.terms.heading");
  await h.press("tell.terms.no");
  await h.title("tell.send.heading");
  await h.press("tell.send.begin");
  await h.title("tell.sent.heading");

  nowhere(["phone owner", "photo-gps", "clip-location"], [["a request", here.line.sent()], ...bytesIn(here.world.folder)]);
  const parts = await stored(here.world.person("she", words), here.world.folder);
  assert.deepEqual(parts.map((p) => [p.info["kind"], p.info["derived_from"], p.info["name"]]), [["original", 0, "photo-gps.jpg"], ["cleaned", 1, ""], ["original", 0, ""], ["original", 0, "testimony-ar.txt"]]);
  assert.ok(parts[0]?.content.equals(readFileSync(photo)));
  assert.ok(parts[3]?.content.equals(readFileSync(paper)));
  assert.ok(!parts[1]?.content.includes("phone owner") && !parts[2]?.content.includes("loci"));
  assert.ok(parts[1]?.content.equals(await cleanedInGo("one", photo)), "the Go client cleans the photo otherwise");
  assert.ok(parts[2]?.content.equals(await cleanedInGo("two", clip)), "the Go client cleans the clip otherwise");
}));
