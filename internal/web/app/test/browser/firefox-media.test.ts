// A long film in Firefox: it is given to the frame by stretches, through MediaSource as Firefox has it, shown, and sought in, without all of
// it having come; and where Firefox cannot do that, no moment is left out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Frame, Page } from "puppeteer-core";
import { inChromium } from "./chromium.ts";
import { fingers } from "./finger.ts";
import { inFirefox } from "./firefox.ts";
import { accredited, applies, cast, quiet, text, type Cast, type Researcher } from "./readcast.ts";
import { recorded } from "./recorded.ts";

let all: Cast;
let reader: Researcher;
let size = 0;
let testimony = "";

before(async () => {
  all = await cast();
  await inChromium(async (visit) => {
    visit.allow(quiet);
    reader = await applies(visit.page, all.vault.url);
    await accredited(visit.page, all, reader);
    const film = await recorded(visit.page, "video/webm;codecs=vp8,opus", 12, 720);
    size = film.length;
    testimony = await all.adds(all.file("film.webm", film));
    await all.grants(testimony, reader.account, "--parts", "1");
  }, { microphone: true });
});
after(() => all.vault.stop());

/** viewer is the frame, once it has come. */
async function viewer(page: Page): Promise<Frame> {
  await page.waitForSelector("iframe.stage");
  return page.waitForFrame((frame) => frame.url().endsWith("/viewer"));
}

test("a long film is played by stretches and sought in, or all of it is offered: nothing is skipped", () => inFirefox(async (visit) => {
  visit.allow(/answer 401|Failed to load resource|Permissions-Policy|Cookie|NS_BINDING_ABORTED|NS_ERROR/);
  const { page } = visit;
  let came = 0;
  page.on("response", (response) => {
    if (response.url().endsWith("/content")) came += Number(response.headers()["content-length"] ?? 0);
  });
  const say = (key: string): string => text("en", key);
  const press = async (words: string): Promise<void> => {
    const found = await page.waitForFunction((label: string) => [...document.querySelectorAll<HTMLButtonElement>("#view button")].find((b) => b.textContent.includes(label) || b.ariaLabel === label) ?? false, {}, words);
    await found.asElement()?.evaluate((button) => (button as HTMLButtonElement).click());
  };
  await page.goto(`${all.vault.url}/en/read`);
  await press(say("read.door.words"));
  await fingers(page, "en").fill("#words", reader.words);
  await press(say("unlock.open"));
  await page.waitForSelector(".cards button.main");
  await page.$eval(".cards button.main", (button) => (button as HTMLElement).click());
  await press(say("read.open"));
  await press(say("read.before.open"));
  let frame = await viewer(page);
  const stands = (at: number) => frame.waitForFunction((moment: number) => {
    const video = document.querySelector("video");
    return video !== null && video.readyState >= 2 && !video.seeking && Math.abs(video.currentTime - moment) < 1;
  }, {}, at);
  const seeks = (at: number) => frame.evaluate((moment: number) => {
    const video = document.querySelector("video");
    if (video) video.currentTime = moment;
  }, at);
  await stands(0);
  assert.ok(came > 0 && came < size * 0.9, `${String(came)} of ${String(size)} bytes came before anything was played`);
  const length = await frame.evaluate(() => document.querySelector("video")?.duration ?? 0);
  assert.ok(length > 8 && length < 14, String(length));
  await seeks(length / 2);
  const whole = page.waitForFunction((words: string) => [...document.querySelectorAll(".notice")].some((one) => one.textContent.includes(words)), {}, say("read.whole.do"));
  const unsuited = await Promise.any([stands(length / 2).then(() => false), whole.then(() => true)]);
  whole.catch(() => undefined);
  if (unsuited) { // a busy machine records unevenly, which Firefox does not play by stretches: all of it is offered, and nothing left out
    await press((say("read.whole").split("{")[0] ?? "").trim());
    frame = await viewer(page);
    await stands(0);
    await frame.evaluate(async () => {
      const video = document.querySelector("video");
      if (!video) return;
      video.muted = true;
      video.playbackRate = 4;
      await video.play();
    });
    await frame.waitForFunction((moment: number) => (document.querySelector("video")?.currentTime ?? 0) > moment, {}, length / 2);
  }
  assert.equal((await all.feed(testimony)).match(/opened part 1/g)?.length, 1, "stretches belong to one opening");
}));
