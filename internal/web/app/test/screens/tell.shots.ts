// Telling, from the choice to what is stored, and where it is gone on with.
import { join } from "node:path";
import type { Page } from "playwright-core";
import { enterWords, hands, openNotes, place, text, type Hands, type Place } from "../browser/telling.ts";
import { app } from "../world.ts";
import type { Camera, Shot } from "./shot.ts";

const samples = join(app, "..", "..", "samples", "testdata");
const story = "كنت في البيت حين سمعت الطائرات.\n\nI was at home. It was 6:15.";
const proof = /answer 401|Failed to load resource|ERR_|request failed/; // a first proof has no nonce; lines are cut on purpose

/** behindALine gives a shot a vault whose line can be cut. */
const behindALine = (name: string, walk: (h: Hands, here: Place, camera: Camera, language: string) => Promise<void>): Shot => ({
  name, way: true,
  show: async (page: Page, _, language, camera) => {
    camera.allow(proof);
    const here = await place();
    try {
      await page.goto(`${here.line.url}/${language}/notes`);
      await page.locator("#view button").first().waitFor();
      await walk(hands(page, language), here, camera, language);
    } finally {
      await here.stop();
    }
  },
});

/** makes goes from the first view to the question about drafts, taking pictures, and gives the words. */
async function makes(h: Hands, take: Camera["take"]): Promise<string> {
  await h.press("tell.begin");
  await h.title("tell.words.heading");
  await take("tell-words");
  await h.press("tell.words.make");
  await h.page.locator(".grid li").first().waitFor();
  await take("tell-words-shown");
  const words = await h.page.locator(".grid li").allInnerTexts();
  await h.press("tell.paper.done");
  await h.title("tell.check.heading");
  await take("tell-check");
  await h.page.locator("#view form input").first().fill("x");
  await h.press("tell.check.done");
  await h.page.locator("[role=alert], .fault").first().waitFor();
  await take("tell-check-wrong");
  for (const field of await h.page.locator("#view form input").all()) {
    await field.fill(words[Number(/\d+$/.exec((await field.getAttribute("id")) ?? "")?.[0])] ?? "");
  }
  await h.press("tell.check.done");
  await h.title("tell.drafts.heading");
  await take("tell-drafts");
  return words.join(" ");
}

async function writes(h: Hands, take: Camera["take"]): Promise<void> {
  await h.press("tell.kinds.write");
  await h.title("tell.write.heading");
  await h.press("tell.write.done");
  await h.says("tell.write.empty");
  await take("tell-write-empty");
  await h.page.locator("#writing").fill(story);
  await take("tell-write");
  await h.press("tell.write.done");
  await h.title("tell.review.heading");
}

async function speaks(h: Hands, take: Camera["take"]): Promise<void> {
  await h.press("tell.review.more");
  await h.press("tell.kinds.speak");
  await h.title("tell.speak.heading");
  await take("tell-speak");
  await h.press("tell.speak.begin");
  await h.page.waitForFunction(() => (document.querySelector("meter")?.value ?? 0) > 0);
  await take("tell-speak-running");
  await h.press("tell.speak.pause");
  await h.says("tell.speak.paused");
  await take("tell-speak-paused");
  await h.press("tell.speak.stop");
  await h.title("tell.take.heading");
  await h.press("tell.disguise.lower");
  await h.page.locator("#view input[type=checkbox]").waitFor();
  await take("tell-take");
  await h.press("tell.take.keep");
  await h.title("tell.review.heading");
}

async function addsFiles(h: Hands, take: Camera["take"], language: string): Promise<void> {
  await h.press("tell.review.more");
  await h.press("tell.kinds.files");
  await h.title("tell.files.heading");
  await take("tell-files");
  await h.page.locator("#files").setInputFiles(["photo-gps.jpg", "testimony-ar.txt"].map((name) => join(samples, name)));
  await h.page.locator(".parts > li", { hasText: text(language, "tell.found.place") }).first().waitFor();
  await h.says("tell.files.unknown");
  await take("tell-files-found");
  await h.press("tell.files.asis");
  await h.page.locator("#view .actions button.main").click();
  await h.title("tell.review.heading");
}

const telling = behindALine("tell", async (h, _, { take }, language) => {
  await take("tell-begin");
  await makes(h, take);
  await h.press("tell.drafts.phone");
  await h.title("tell.kinds.heading");
  await take("tell-kinds");
  await writes(h, take);
  await speaks(h, take);
  await addsFiles(h, take, language);
  await take("tell-review");
  await h.press("tell.review.remove");
  await take("tell-review-remove");
  await h.press("tell.review.removeno");
  await h.press("tell.next");
  await h.title("tell.terms.heading");
  await take("tell-terms");
  await h.press("tell.terms.yes");
  await h.title("tell.send.heading");
  await take("tell-send");
  await h.page.context().setOffline(true);
  await h.press("tell.send.begin");
  await h.says("tell.send.waiting");
  await take("tell-send-waiting");
  await h.page.context().setOffline(false);
  await h.title("tell.sent.heading");
  await take("tell-sent");
});

// A line that stands still holds the sending where it is, so that it can be paused.
const pausing = behindALine("tell-pause", async (h, here, { take }) => {
  await makes(h, () => Promise.resolve());
  await h.press("tell.drafts.memory");
  await h.press("tell.kinds.files");
  await h.page.locator("#files").setInputFiles({ name: "film.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(6 << 20, 7) });
  await h.press("tell.files.asis");
  await h.page.locator("#view .actions button.main").click();
  await h.press("tell.next");
  await h.press("tell.terms.no");
  await h.title("tell.send.heading");
  const broken = here.line.cutAfter(3 << 20);
  await h.press("tell.send.begin");
  await broken;
  await h.page.context().setOffline(true);
  await h.says("tell.send.waiting");
  await h.press("tell.send.pause");
  await h.says("tell.send.paused");
  await take("tell-send-paused");
  await h.page.context().setOffline(false);
  await h.press("tell.send.goon");
  await h.title("tell.sent.heading");
});

const later = behindALine("tell-later", async (h, _, { take }) => {
  await h.press("tell.begin");
  await h.press("tell.words.later");
  await h.title("tell.kinds.heading");
  await take("tell-kinds-later");
  await h.page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error("refused"));
  });
  await h.press("tell.kinds.speak");
  await h.press("tell.speak.begin");
  await h.says("tell.speak.refused");
  await take("tell-speak-refused");
});

const goingOn = behindALine("tell-on", async (h, here, { take }, language) => {
  const nothing = () => Promise.resolve();
  const words = await makes(h, nothing);
  await h.press("tell.drafts.memory");
  await h.press("tell.kinds.files");
  const film = { name: "film.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(6 << 20, 7) };
  await h.page.locator("#files").setInputFiles(film);
  await h.press("tell.files.asis");
  await h.page.locator("#view .actions button.main").click();
  await h.press("tell.next");
  await h.press("tell.terms.no");
  await h.title("tell.send.heading");
  const broken = here.line.cutAfter(3 << 20);
  await h.press("tell.send.begin");
  await broken;
  await h.page.context().setOffline(true);
  await h.says("tell.send.waiting");
  await h.page.context().setOffline(false);
  await openNotes(h.page, here.line.url, language);
  await h.press("tell.goon");
  await h.page.locator("#words").fill("one two three");
  await h.press("unlock.open");
  await h.page.locator("[role=alert], .fault").first().waitFor();
  await take("unlock-wrong");
  await enterWords(h, words);
  await h.title("tell.carry.heading");
  await take("tell-carry");
  await h.page.locator(".card input[type=file]").setInputFiles({ ...film, buffer: Buffer.alloc(6 << 20, 8) });
  await h.page.locator(".fault").waitFor();
  await take("tell-carry-other");
});

export const shots: readonly Shot[] = [telling, pausing, later, goingOn];
