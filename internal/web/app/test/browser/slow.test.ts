// A phone far from its mast: 400 kbit/s, two seconds to every answer, a quarter of the processor. What is aimed for is measured by
// make bench; here only three times as much fails, which no busy machine explains: somebody has put round trips in a row again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { slow, slowLine } from "../bench/chromium.ts";
import { start, tell } from "../bench/flow.ts";
import { world, type World } from "../world.ts";
import { inChromium } from "./chromium.ts";

let w: World;
before(async () => {
  w = await world();
});
after(() => w.stop());

test("on a slow line pages and a first text take less than three times what is aimed for", () => inChromium(async ({ page }) => {
  page.setDefaultTimeout(120_000);
  await slow(page, slowLine);
  const first = await start(page, w.url, "ar");
  const { usable, pressed, stored } = await tell(page, "ar");
  const took = { first, usable, sending: stored - pressed };
  assert.ok(first < 3 * 5 && usable < 3 * 5 && took.sending < 3 * 9, JSON.stringify(took));
}));
