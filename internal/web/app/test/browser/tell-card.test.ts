// The card that she prints has a square that a phone reads: her vault and her numbers, which open what her words open, here and nowhere else.
// It stands on the page for the printer only.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import jsqr from "jsqr";
import type { Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { openNotes, place, text, type Place } from "./telling.ts";

const read = (jsqr as unknown as { default?: typeof jsqr }).default ?? jsqr; // a package of the older kind

let here: Place;

before(async () => {
  here = await place();
});

after(() => here.stop());

/** seen is what a camera sees of the square on paper. */
async function seen(page: Page): Promise<string | undefined> {
  await page.emulateMedia({ media: "print" });
  const picture = await page.locator("svg.square").screenshot();
  await page.emulateMedia({ media: "screen" });
  const { points, width, height } = await page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext("2d");
    context?.drawImage(bitmap, 0, 0);
    return { points: [...(context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? [])], width: bitmap.width, height: bitmap.height };
  }, picture.toString("base64"));
  return read(Uint8ClampedArray.from(points), width, height)?.data;
}

test("the square on a card says her vault and numbers, opens here, and is refused where the vault is another", () => inChromium(async ({ page }) => {
  const h = await openNotes(page, here.line.url, "en");
  await h.press("tell.begin");
  await h.press("tell.words.make");
  await page.locator(".grid li").first().waitFor();
  assert.equal(await page.locator("svg.square").count(), 0);
  await page.evaluate(() => {
    window.print = () => document.body.setAttribute("data-printed", "");
  });
  await h.press("tell.paper.print");
  await page.locator("body[data-printed]").waitFor();
  assert.equal(await page.locator("svg.square").isVisible(), false, "it stands on the screen");
  const card = await seen(page);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  assert.equal(await page.locator("svg.square").count(), 0, "it stays after printing");

  await h.press("tell.paper.asdigits");
  await page.locator(".grid.digits").waitFor();
  const digits = (await page.locator(".grid li").allInnerTexts()).join(" ");
  const vault = (await page.locator("p.on-paper bdi").textContent()) ?? "";
  assert.equal(card, `${vault}\n${digits}`);

  await page.reload();
  await h.press("tell.begin");
  await h.press("tell.words.have");
  await page.locator("#words").fill(card.replace(vault, vault.split("").reverse().join("")));
  await h.press("unlock.open");
  await page.locator(".fault", { hasText: text("en", "trouble.wrong-vault") }).waitFor();
  await page.locator("#words").fill(card);
  await h.press("unlock.open");
  await h.title("tell.drafts.heading");
}));
