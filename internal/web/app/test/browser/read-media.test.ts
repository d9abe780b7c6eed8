// Pictures and recordings in the frame: shown, played, sought in by stretches, and stopped when she takes them back.
import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import type { Frame, Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { plainMp4 } from "./plainmp4.ts";
import { accredited, applies, cast, looksAt, opens, quiet, text, type Cast } from "./readcast.ts";
import { pictured, recorded } from "./recorded.ts";

let all: Cast;
before(async () => {
  all = await cast();
});
after(() => all.vault.stop());

const say = (key: string, values?: Record<string, string>): string => text("en", key, values);

/** framed is the frame of media, when it has come. */
async function framed(page: Page): Promise<Frame> {
  const node = await page.locator("iframe.stage").elementHandle();
  const frame = await node?.contentFrame();
  assert.ok(frame);
  return frame;
}

const settings = { microphone: true };

test("a picture, a voice and a film are shown in the frame, and nothing plays by itself", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const files = [all.file("photo.jpg", await pictured(page, "image/jpeg")), all.file("voice.webm", await recorded(page, "audio/webm;codecs=opus", 2)),
    all.file("film.mp4", await recorded(page, "video/mp4;codecs=vp9,opus", 2, 320))];
  const testimony = await all.adds(...files);
  await all.grants(testimony, reader.account, "--parts", "1,2,3");
  await looksAt(page);
  await opens(page, 1);
  assert.equal(await page.locator("iframe.stage").count(), 0, "a picture is covered first");
  await page.getByRole("button", { name: say("read.uncover") }).click();
  const image = (await framed(page)).locator("img");
  await image.waitFor();
  assert.deepEqual(await image.evaluate((i: HTMLImageElement) => i.decode().then(() => [i.naturalWidth, i.naturalHeight])), [320, 200]);
  for (const n of [2, 3]) {
    await page.getByRole("button", { name: say("read.back") }).click();
    await opens(page, n);
    const media = (await framed(page)).locator("audio, video");
    await media.waitFor();
    assert.ok(await media.evaluate(async (m: HTMLMediaElement) => {
      if (m.readyState === 0) await new Promise((resolve) => m.addEventListener("loadedmetadata", resolve, { once: true }));
      return m.paused && m.currentTime === 0 && m.controls && !m.autoplay;
    }));
    await media.evaluate((m: HTMLMediaElement) => (m.muted = true, m.play()));
    await media.evaluate((m: HTMLMediaElement) => new Promise<void>((resolve) => (m.ontimeupdate = () => m.currentTime > 0.3 && resolve())));
  }
}, settings));

/** counting adds up what came from a path. */
function counting(page: Page, path: RegExp): { bytes: () => number } {
  let bytes = 0;
  page.on("response", (response) => {
    if (path.test(response.url())) bytes += Number(response.headers()["content-length"] ?? 0);
  });
  return { bytes: () => bytes };
}

/** reached waits until a recording stands at a moment with something to show. */
async function reached(frame: Frame, moment: number): Promise<void> {
  await frame.locator("audio, video").evaluate((m: HTMLMediaElement, at) => new Promise<void>((resolve) => {
    const look = (): void => void (Math.abs(m.currentTime - at) < 1 && m.readyState >= 2 && !m.seeking && resolve());
    for (const event of ["seeked", "canplay", "timeupdate", "loadeddata"]) m.addEventListener(event, look);
    m.currentTime = at;
    look();
  }), moment);
}

const kinds: [string, string, (made: Buffer) => Buffer][] = [
  ["film.webm", "video/webm;codecs=vp8,opus", (made) => made],
  ["fragments.mp4", "video/mp4;codecs=vp9,opus", (made) => made],
  ["phone.mp4", "video/mp4;codecs=vp9,opus", plainMp4],
];

for (const [name, type, as] of kinds) {
  test(`one can seek in a long ${name} without all of it, and it stops when she takes it back`, () => inChromium(async (visit) => {
    const { page } = visit;
    visit.allow(quiet, /404/);
    const reader = await applies(page, all.vault.url);
    await accredited(page, all, reader);
    const made = as(await recorded(page, type, 12, 720));
    assert.ok(made.length > 5 << 20, `too short for the test: ${String(made.length)} bytes`);
    const testimony = await all.adds(all.file(name, made));
    const grant = await all.grants(testimony, reader.account, "--parts", "1");
    await looksAt(page);
    const came = counting(page, /\/content$/);
    await opens(page, 1);
    assert.ok(await page.getByText(say("read.pieces")).isVisible());
    const frame = await framed(page);
    const media = frame.locator("video");
    await media.waitFor();
    await reached(frame, 0);
    assert.ok(came.bytes() < made.length * 0.9, `${String(came.bytes())} of ${String(made.length)} bytes came before anything was played`);
    const length = await media.evaluate((m: HTMLMediaElement) => m.duration);
    assert.ok(length > 8 && length < 14, String(length));
    await reached(frame, length / 2);
    assert.equal((await all.feed(testimony)).match(/opened part 1/g)?.length, 1, "ranges belong to one opening");
    await all.her.run("revoke", testimony, grant);
    await media.evaluate((m: HTMLMediaElement) => void (m.currentTime = m.duration - 0.5)).catch(() => undefined); // which has not come, or was ended before
    await page.locator(".fault[data-code=taken-back]").waitFor();
    assert.equal(await page.locator("iframe").count(), 0, "what was shown is gone");
  }, settings));
}
