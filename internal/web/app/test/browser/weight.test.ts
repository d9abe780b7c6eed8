// What a browser really loads, in bytes on the wire without headers: each page as it opens, and everything from the first
// page to a text that has been sent. The build counts what files name (internal/web/build/weigh.go); this counts what comes,
// as often as it comes: nothing of the site is kept by a browser, so page and worker each load the modules they share.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { languages } from "./places.ts";
import { scale } from "./scale.ts";
import { makeWords, openNotes, place, type Place } from "./telling.ts";

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

/** From the first page to a sent text, the worker and the list of words with it. In French tell-keys.test.ts goes the whole way. */
const mostToSend = 90_000;

const most: Readonly<Record<string, number>> = { "/": 25_000, "/help": 25_000, "/about": 25_000, "/notes": 90_000, "/read": 180_000, "/team": 120_000 };

test("each page opens within its budget, in each language", () => inChromium(async ({ page }) => {
  const weigh = scale(page);
  for (const language of languages) {
    for (const [path, budget] of Object.entries(most)) {
      await page.goto(`${here.line.url}/${language}${path}`, { waitUntil: "networkidle" });
      const { total, files } = await weigh.read();
      assert.ok(total > 1_000 && total <= budget, `/${language}${path} loads ${String(total)} bytes:\n${files.join("\n")}`);
    }
  }
}));

for (const language of ["ar", "en", "uk", "ckb"]) {
  test(`a sent text needs no more than 90 kB of the site, ${language}`, () => inChromium(async (visit) => {
    visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
    const { page } = visit;
    const weigh = scale(page);
    await page.goto(`${here.line.url}/${language}/`, { waitUntil: "networkidle" });
    const h = await openNotes(page, here.line.url, language);
    await h.press("tell.begin");
    await makeWords(h);
    await h.press("tell.drafts.memory");
    await h.title("tell.kinds.heading");
    await h.press("tell.kinds.write");
    await page.locator("#writing").fill("a b c");
    await h.press("tell.write.done");
    await h.title("tell.review.heading");
    await h.press("tell.next");
    await h.title("tell.terms.heading");
    await h.press("tell.terms.notnow");
    await h.press("tell.send.begin");
    await h.title("tell.sent.heading");
    const { total, heads, files } = await weigh.read();
    assert.ok(files.some((file) => file.includes("/a/worker-")), "the worker was not seen");
    assert.ok(total > 25_000 && total <= mostToSend, `${String(total)} bytes, and ${String(heads)} of heads:\n${files.join("\n")}`);
  }));
}
