// What she sets, and her words when somebody else may have seen them.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { cast, enters, type Cast, type Hands } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
});
after(() => c.vault.stop());

async function toSettings(h: Hands): Promise<void> {
  await h.press("mine.menu.settings");
  await h.heading("mine.menu.settings");
}

test("how long the page waits is said truly, is hers to choose, and holds for this page only", () => inChromium(async (visit) => {
  const { page } = visit;
  await page.clock.install(); // it goes on by itself until the test moves it
  const h = await enters(visit, c, "ar");
  await toSettings(h);
  const list = page.locator("#idle-after");
  assert.equal(await list.inputValue(), "300");
  assert.deepEqual(await list.locator("option").evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value)), ["30", "60", "90", "120", "300", "600"]);
  await list.selectOption("30");
  await page.clock.runFor(20_000);
  assert.equal(await page.locator("#idle").count(), 0);
  await page.clock.runFor(15_000);
  await page.locator("#idle[role=alertdialog]").waitFor();
  await page.clock.runFor(30_000);
  await h.page.getByRole("button", { name: h.say("mine.open"), exact: true }).waitFor();
}));

test("on a phone that others use it is ninety seconds, and can only be less", () => inChromium(async (visit) => {
  await visit.page.addInitScript(() => (window.name = "1"));
  const h = await enters(visit, c, "en");
  await toSettings(h);
  const list = visit.page.locator("#idle-after");
  assert.equal(await list.inputValue(), "90");
  assert.deepEqual(await list.locator("option").allInnerTexts(), ["30 seconds", "60 seconds", "90 seconds"]);
}));

test("a quick finger is asked once", () => inChromium(async (visit) => {
  const title = "Twice";
  await c.adds(title, "x");
  const h = await enters(visit, c, "en");
  await h.pressText(new RegExp(title));
  await h.press("mine.give");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.give");
  await h.tick(h.say("mine.part", { n: 1 }));
  const depth = (): Promise<number> => visit.page.evaluate(() => (history.state as { depth: number }).depth);
  const before = await depth();
  await visit.page.getByRole("button", { name: h.say("mine.give.next"), exact: true }).evaluate((button) => {
    for (let i = 0; i < 3; i++) (button as HTMLButtonElement).click();
  });
  await h.heading("mine.give.question");
  await visit.page.waitForLoadState("networkidle");
  assert.equal(await depth(), before + 1, "another question came over the first");
  await h.press("mine.notnow");
  await h.heading("mine.give");
}));

test("words are changed: the new ones open all there was, the old ones nothing", () => inChromium(async (visit) => {
  const { page } = visit;
  const old = c.her.words();
  const testimony = await c.adds("Before", "told with the old words");
  const h = await enters(visit, c, "en");
  await toSettings(h);
  await h.press("mine.settings.rekey");
  await h.heading("mine.rekey");
  await h.press("mine.rekey.make");
  await page.locator(".grid li").first().waitFor();
  const words = await page.locator(".grid li").allInnerTexts();
  assert.equal(words.length, 12);
  assert.notEqual(words.join(" "), old);
  await h.press("tell.paper.done");
  await h.heading("tell.check.heading");
  for (const field of await page.locator("#view form input").all()) await field.fill(words[Number(/\d+$/.exec((await field.getAttribute("id")) ?? "")?.[0])] ?? "");
  await h.press("tell.check.done");
  await h.heading("mine.rekey");
  assert.equal((await c.json("show", testimony))["title"], "Before", "something was sent before she said so");
  await h.press("mine.rekey.yes");
  await h.heading("mine.rekey.done");
  await h.press("mine.open");
  await h.heading("mine.heading");
  await h.pressText(/Before/);
  await h.pressText(new RegExp(`^${h.say("mine.part", { n: 1 })}`));
  await h.press("mine.open.part");
  await h.sees("told with the old words");

  await assert.rejects(c.json("list"), "the old words still open");
  writeFileSync(c.her.wordsFile, words.join(" "));
  assert.equal((await c.json("show", testimony))["title"], "Before");
}));

test("with something begun on the page, words are not changed before it is sent", () => inChromium(async (visit) => {
  const h = await enters(visit, c, "en");
  await h.back();
  for (const key of ["tell.begin", "tell.drafts.memory", "tell.kinds.write"]) await h.pressText(new RegExp(h.say(key)));
  await visit.page.locator("#writing").fill("begun");
  for (let i = 0; i < 2; i++) await h.back();
  await h.press("mine.open");
  await h.heading("mine.heading");
  await toSettings(h);
  await h.press("mine.settings.rekey");
  await h.sees(h.say("mine.rekey.first"));
  assert.equal(await visit.page.getByRole("button", { name: h.say("mine.rekey.make"), exact: true }).count(), 0);
}));
