// Telling in writing: from the first screen to what is stored, in Arabic, over a line that
// breaks; what is stored opens with the command line client; nothing readable left the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { bytesIn, makeWords, nowhere, openNotes, place, stored, type Place } from "./telling.ts";

const story = "كنت في البيت حين سمعت الطائرات. CANARY-7f3a كتبت هذا بنفسي.";
const title = "عنوان CANARY-91bc";

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

test("a text in Arabic is told, locked and sent over a line that breaks, and only her words open it", () => inChromium(async (visit) => {
  visit.allow(/request failed|ERR_|answer 401|Failed to load resource/); // the line is cut on purpose; a first proof has no nonce
  const h = await openNotes(visit.page, here.line.url, "ar");
  await h.press("tell.begin");
  const words = await makeWords(h);
  await h.press("tell.drafts.phone");
  await h.title("tell.kinds.heading");
  await h.press("tell.kinds.write");
  await h.title("tell.write.heading");
  await visit.page.locator("#writing").fill(story);
  await h.press("tell.write.done");
  await h.title("tell.review.heading");
  await visit.page.locator("#title").fill(title);
  await h.press("tell.next");
  await h.title("tell.terms.heading");
  await h.press("tell.terms.notnow");
  await h.title("tell.send.heading");
  here.line.cut();
  const cut = here.line.cutAfter(4000);
  await h.press("tell.send.begin");
  await cut;
  await h.title("tell.sent.heading");

  nowhere([story, title, "CANARY", words, ...words.split(" ")], [["a request", here.line.sent()], ...bytesIn(here.world.folder), ...bytesIn(visit.profile)]);
  const [part, ...more] = await stored(here.world.person("she", words), here.world.folder);
  assert.equal(more.length, 0);
  assert.equal(part?.content.toString("utf8"), story);
  assert.equal(part?.info["media_type"], "text/plain; charset=utf-8");
}));
