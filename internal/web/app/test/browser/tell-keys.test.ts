// Telling with the keyboard alone, with words made last, in French; and what all of it
// weighs until a text is sent.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { scale } from "./scale.ts";
import { openNotes, place, stored, text, type Place } from "./telling.ts";

// Bytes on the wire until a text is sent: with the worker, and the list of words, which is longest in French.
const most = 90_000;
const story = "C'était l'hiver, et nous marchions.";

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

/** reach goes by Tab to what has a text or an id. */
async function reach(page: Page, what: string): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => `#${document.activeElement?.id ?? ""} ${document.activeElement?.textContent ?? ""}`);
    if (at.includes(what)) return;
  }
  assert.fail(`${what} is not reached by keyboard`);
}

async function press(page: Page, key: string): Promise<void> {
  await reach(page, text("fr", key));
  await page.keyboard.press("Enter");
}

test("everything can be done with the keyboard, and weighs little until a text is sent", () => inChromium(async (visit) => {
  visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
  const { page } = visit;
  const weigh = scale(page);
  await page.goto(`${here.line.url}/fr/`, { waitUntil: "networkidle" });
  const h = await openNotes(page, here.line.url, "fr");
  await page.locator("#view button").first().waitFor();
  await press(page, "tell.begin");
  await h.title("tell.words.heading");
  await press(page, "tell.words.later");
  await h.title("tell.kinds.heading");
  await press(page, "tell.kinds.write");
  await h.title("tell.write.heading");
  await reach(page, "#writing");
  await page.keyboard.type(story);
  await press(page, "tell.write.done");
  await h.title("tell.review.heading");
  await press(page, "tell.next");
  await h.title("tell.terms.heading");
  await press(page, "tell.terms.notnow");
  await h.title("tell.words.heading");
  await press(page, "tell.words.make");
  await page.locator(".grid li").first().waitFor();
  const words = await page.locator(".grid li").allInnerTexts();
  assert.equal(words.length, 12);
  await press(page, "tell.paper.done");
  await h.title("tell.check.heading");
  for (const id of await page.locator("#view form input").evaluateAll((all) => all.map((one) => one.id))) {
    await reach(page, `#${id} `);
    await page.keyboard.type(words[Number(/\d+$/.exec(id)?.[0])] ?? "");
  }
  await page.keyboard.press("Enter");
  await h.title("tell.drafts.heading");
  await press(page, "tell.drafts.memory");
  await h.title("tell.send.heading");
  await press(page, "tell.send.begin");
  await h.title("tell.sent.heading");

  const [part] = await stored(here.world.person("she", words.join(" ")), here.world.folder);
  assert.equal(part?.content.toString("utf8"), story);
  const { total, heads, files } = await weigh.read();
  assert.ok(["/a/worker-", "/a/list-fr-"].every((name) => files.some((file) => file.includes(name))), "something was not seen");
  assert.ok(total > 25_000 && total <= most, `${String(total)} bytes until a text was sent, and ${String(heads)} of heads:\n${files.join("\n")}`);
}));
