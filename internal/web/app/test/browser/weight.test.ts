// What a browser really loads, in bytes on the wire without headers: each page as it opens, and everything from the first
// page to a text that has been sent. The build counts what files name (internal/web/build/weigh.go); this counts what comes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page, Request } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { languages } from "./places.ts";
import { makeWords, openNotes, place, type Place } from "./telling.ts";

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

interface Scale {
  /** read gives what has come since the last time, file by file: the site's own files, not what the API says. */
  read(): Promise<{ total: number; files: string[] }>;
}

function scale(page: Page): Scale {
  let come: Request[] = [];
  page.context().on("requestfinished", (request) => come.push(request));
  return {
    read: async () => {
      const all = await Promise.all(come.filter((r) => !new URL(r.url()).pathname.startsWith("/v1/")).map(async (r) => ({ path: new URL(r.url()).pathname, bytes: (await r.sizes()).responseBodySize })));
      come = [];
      return { total: all.reduce((sum, { bytes }) => sum + bytes, 0), files: all.map(({ path, bytes }) => `${String(bytes)} ${path}`) };
    },
  };
}

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

for (const language of ["ar", "uk"]) {
  test(`a sent text needs no more than 90 kB of the site from the first page on, ${language}`, () => inChromium(async (visit) => {
    visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
    const { page } = visit;
    const weigh = scale(page);
    await page.goto(`${here.line.url}/${language}/`, { waitUntil: "networkidle" });
    const h = await openNotes(page, here.line.url, language);
    await h.press("tell.begin");
    await makeWords(h);
    await h.press("tell.drafts.none");
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
    const { total, files } = await weigh.read();
    assert.ok(total > 25_000 && total <= 90_000, `${String(total)} bytes:\n${files.join("\n")}`);
  }));
}
