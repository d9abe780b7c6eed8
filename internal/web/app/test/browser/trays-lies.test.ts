// A vault that lies in a browser about what partners brought, to her and to a reader: she is told and nothing can be opened, only
// destroyed; a reader is shown what her grant says or nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { partnership, type Partnership } from "../partnership.ts";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";
import { cast, enters, type Cast, type Hands, type Json } from "./minecast.ts";
import { accredited, applies, cast as readers, looksAt, opens, text as reads } from "./readcast.ts";

let c: Cast;
let p: Partnership;
before(async () => {
  c = await cast();
  p = await partnership(c.vault);
});
after(() => c.vault.stop());

async function lies(page: Page, path: RegExp, change: (answer: Json) => object | void): Promise<void> {
  await page.route((url) => path.test(url.pathname), async (route) => {
    const response = await route.fetch();
    const json = (await response.json()) as Json;
    await route.fulfill({ response, json: change(json) ?? json });
  });
}

/** accused opens the list and the thing in it, where nothing is offered but destroying it. */
async function accused(h: Hands): Promise<void> {
  await h.press("mine.menu.brought");
  await h.heading("mine.menu.brought");
  await h.sees(h.say("fault.note-forged"));
  assert.equal(await h.page.getByText("Women for Memory").locator("xpath=ancestor::button").count(), 0, "it is named after nobody");
  await h.pressText(new RegExp(h.say("trays.doubtful")));
  await h.heading("trays.doubtful");
  await h.page.locator('.fault[data-code="note-forged"]').waitFor();
  assert.equal(await h.page.getByRole("button", { name: h.say("mine.open.part") }).count(), 0);
  await h.page.getByRole("button", { name: h.say("trays.refuse"), exact: true }).waitFor();
}

test("swapped notes, a partner that nobody agreed with, and what she took already are told and cannot be opened", () => inChromium(async (visit) => {
  const { tray } = await c.json("tray", "open", p.partner, "--card", `${c.vault.folder}/her.card`);
  assert.notEqual(tray, undefined);
  const [one, two] = [await p.brings(`${c.vault.folder}/her.card`, "first"), await p.brings(`${c.vault.folder}/her.card`, "second")];
  for (const [language, path, change] of [
    ["ar", /^\/v1\/items$/, (a: Json) => {
      const [first, second] = a["items"] as Json[];
      return { items: [Object.assign({}, first, { note: second?.["note"] })] };
    }],
    ["en", /^\/v1\/partners\/[a-z2-7]+$/, (a: Json) => Object.assign(a, { agrees: [] })],
  ] as const) {
    const h = await enters(visit, c, language);
    await lies(visit.page, path, change);
    await accused(h);
    await visit.page.unrouteAll();
  }
  const shown: Json[] = [];
  const h = await enters(visit, c, "en");
  await lies(visit.page, /^\/v1\/items$/, (a) => void shown.push(...(a["items"] as Json[])));
  await h.press("mine.menu.brought");
  await h.heading("mine.menu.brought");
  await visit.page.unrouteAll();
  await c.her.run("item", "adopt", one, "new", "--show", "--yes");
  await c.her.run("item", "refuse", two);
  const again = await enters(visit, c, "en");
  await lies(visit.page, /^\/v1\/items$/, () => ({ items: shown.filter((i) => i["item"] === one) }));
  await accused(again);
}));

test("a reader sees how a part came before and after opening it, and does not believe a vault that hides it", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/./);
  const all = await readers();
  try {
    const brings = await partnership(all.vault);
    const reader = await applies(page, all.vault.url);
    await accredited(page, all, reader);
    const card = `${all.vault.folder}/her.card`;
    await all.her.run("tray", "open", brings.partner, "--card", card);
    await all.her.run("item", "adopt", await brings.brings(card, "brought", "--gateway"), "new", "--show", "--yes");
    const testimony = String((JSON.parse((await all.her.run("list", "--json")).out) as { testimonies: Json[] }).testimonies[0]?.["testimony"]);
    await all.grants(testimony, reader.account, "--parts", "1", "--name-partner");
    await looksAt(page);
    const came = reads("en", "read.came.gateway");
    await page.getByText(came).waitFor();
    await page.getByText("Women for Memory").waitFor();
    await noViolations(page);
    await opens(page, 1);
    await page.getByText(came).waitFor();
    await page.getByText("brought", { exact: true }).waitFor();
    await page.getByRole("button", { name: reads("en", "read.back") }).click();
    await lies(page, /^\/v1\/inbox\/[a-z2-7]+$/, (a) => {
      for (const part of a["parts"] as Json[]) Object.assign(part, { delivered: undefined });
    });
    await page.getByRole("button", { name: reads("en", "read.back") }).click();
    await page.locator(".cards button.main").first().click();
    await page.getByText(reads("en", "fault.grant-forged")).waitFor();
  } finally {
    await all.vault.stop();
  }
}));
