// Going on: an upload that broke off on one phone is finished on another, with her words
// and the same file; another file is refused before a byte of it is sent.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noViolations } from "./axe.ts";
import { inChromium, openChromium } from "./chromium.ts";
import { enterWords, makeWords, openNotes, place, stored } from "./telling.ts";

const size = 6 << 20;

test("an upload is gone on with from another phone, and only with the same file", async () => {
  const here = await place();
  const first = await openChromium();
  try {
    const bytes = randomBytes(size);
    const [file, other] = [join(here.world.folder, "film.bin"), join(here.world.folder, "other.bin")];
    writeFileSync(file, bytes);
    writeFileSync(other, randomBytes(size));

    const h = await openNotes(first.page, here.line.url, "en");
    await h.press("tell.begin");
    const words = await makeWords(h);
    await h.press("tell.drafts.memory");
    await h.press("tell.kinds.files");
    await first.page.locator("#files").setInputFiles(file);
    await h.press("tell.files.asis");
    await first.page.locator("#view .actions button.main").click();
    await h.press("tell.next");
    await h.press("tell.terms.no");
    await h.title("tell.send.heading");
    const broken = here.line.cutAfter(3 << 20);
    await h.press("tell.send.begin");
    await broken;
    await first.kill();

    await inChromium(async (visit) => {
      visit.allow(/answer 401|Failed to load resource|HEAD .*ERR_ABORTED/); // a first proof has no nonce; an answer without a body
      const again = await openNotes(visit.page, here.line.url, "en");
      await again.press("tell.goon");
      await enterWords(again, words);
      await again.title("tell.carry.heading");
      const picker = visit.page.locator(".card input[type=file]");
      const before = here.line.sent().length;
      await picker.setInputFiles(other);
      await visit.page.locator(".fault").waitFor();
      await noViolations(visit.page);
      assert.ok(here.line.sent().length - before < 64 << 10, "bytes of another file were sent");
      await picker.setInputFiles(file);
      await again.says("tell.carry.nothing");
      const sent = here.line.sent().length - before;
      assert.ok(sent < size, `all was sent anew: ${String(sent)} bytes`);
    });

    const [part, ...more] = await stored(here.world.person("she", words), here.world.folder);
    assert.equal(more.length, 0);
    assert.equal(createHash("sha256").update(part?.content ?? "").digest("hex"), createHash("sha256").update(bytes).digest("hex"));
    assert.equal(part?.info["name"], "film.bin");
  } finally {
    await first.close().catch(() => undefined);
    rmSync(first.profile, { recursive: true, force: true, maxRetries: 5 });
    await here.stop();
  }
});
