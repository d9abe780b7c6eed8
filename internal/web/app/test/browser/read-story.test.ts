// The researcher's whole way in a real browser against the real vault, with the command line as the other side.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { accredited, applies, cast, looksAt, opens, quiet, text, type Cast } from "./readcast.ts";

let all: Cast;
before(async () => {
  all = await cast();
});
after(() => all.vault.stop());

const told = "كنت في البيت.\n<script>document.title = 'x'</script>\n\u202Eabc";

test("a researcher applies, is vouched for, is let in, opens a text, and she sees it", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const testimony = await all.adds(all.file("story.txt", told));
  await all.grants(testimony, reader.account, "--parts", "1");
  await looksAt(page);
  assert.doesNotMatch(await all.feed(testimony), /opened/, "looking is no opening");
  await opens(page, 1);
  const shown = page.locator(".words");
  await shown.waitFor();
  assert.equal(await shown.textContent(), told.replace("\u202E", "\uFFFD"));
  assert.equal(await shown.locator("*").count(), 0, "a text is one text node");
  assert.equal(await page.title(), "Notes");
  assert.match(await all.feed(testimony), /An Institute\) opened part 1/);
  assert.ok(await page.getByText(text("en", "read.promises")).isVisible(), "the promises stay in view");
}));
