// Speaking: recorded, disguised on the device, sent; and where there is no microphone, the
// way to a file.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";
import { makeWords, openNotes, place, stored, type Place } from "./telling.ts";

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

test("a recording is made, heard, disguised and sent, with her own voice beside it only because she says so", () => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
  const { page } = visit;
  const h = await openNotes(page, here.line.url, "uk");
  await h.press("tell.begin");
  const words = await makeWords(h);
  await h.press("tell.drafts.phone");
  await h.title("tell.kinds.heading");
  await h.press("tell.kinds.speak");
  await h.title("tell.speak.heading");
  await h.press("tell.speak.begin");
  await page.waitForFunction(() => (document.querySelector("meter")?.value ?? 0) > 0);
  await noViolations(page);
  await h.press("tell.speak.pause");
  await h.says("tell.speak.paused");
  await h.press("tell.speak.goon");
  await page.waitForFunction(() => document.querySelector(".clock")?.textContent === "0:02");
  await h.press("tell.speak.stop");
  await h.title("tell.take.heading");
  await h.press("tell.disguise.lower");
  await page.locator("#view input[type=checkbox]").check();
  await noViolations(page);
  await page.waitForFunction(() => (document.querySelector("audio")?.readyState ?? 0) > 0);
  await h.press("tell.take.keep");
  await h.title("tell.review.heading");
  await h.says("tell.review.disguised");
  await h.press("tell.next");
  await h.press("tell.terms.no");
  await h.press("tell.send.begin");
  await h.title("tell.sent.heading");

  const [own, other, ...more] = await stored(here.world.person("she", words), here.world.folder);
  assert.equal(more.length, 0);
  assert.deepEqual([own?.info["kind"], other?.info["kind"], other?.info["derived_from"]], ["original", "voice-altered", 1]);
  assert.equal(own?.info["media_type"], "audio/webm");
  assert.ok(!own?.content.includes("Chrome") && own?.content.includes("OpusHead"));
  const heard = await page.evaluate(async (bytes) => {
    const sound = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(new Uint8Array(bytes).buffer);
    return { seconds: sound.duration, loud: Math.max(...sound.getChannelData(0)) };
  }, [...(other?.content ?? [])]);
  assert.ok(heard.seconds > 1 && heard.loud > 0.01, JSON.stringify(heard));
}, { microphone: true }));

test("where the microphone is refused, nothing is lost and a file is the way", () => inChromium(async (visit) => {
  const h = await openNotes(visit.page, here.line.url, "fr");
  await h.press("tell.begin");
  await h.press("tell.words.later");
  await h.title("tell.kinds.heading");
  await h.says("tell.kept.page");
  await h.press("tell.kinds.speak");
  await h.press("tell.speak.begin");
  await h.says("tell.speak.refused");
  await noViolations(visit.page);
  await h.press("tell.speak.file");
  await h.title("tell.files.heading");
}));
