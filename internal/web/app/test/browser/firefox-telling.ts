// One way through Firefox, for each of its profiles in a test file of its own: a text is told, locked and sent; what is stored
// opens with the command line client; nothing readable went over the line, to the vault's disk or into the profile.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "./browser.ts";
import { inFirefox } from "./firefox.ts";
import { fingers, firstWords, write, type Fingers } from "./finger.ts";
import { bytesIn, nowhere, stored, type Place } from "./telling.ts";

const story = "كنت في البيت حين سمعت الطائرات. CANARY-3ce1 كتبت هذا بنفسي.";

/** tells goes through it, and then does more in the same page. */
export async function tells(here: Place, settings: Settings, title: string, more: (f: Fingers, title: string) => Promise<void> = () => Promise.resolve()): Promise<void> {
  await inFirefox(async (visit) => {
    visit.allow(/answer 401|Failed to load resource/); // a first proof has no nonce
    visit.page.setDefaultTimeout(120_000);
    await visit.page.goto(`${here.line.url}/ar/notes`);
    const f = fingers(visit.page, "ar");
    await f.press("tell.begin");
    const words = await firstWords(f, settings.preferences === undefined ? "tell.drafts.phone" : "tell.drafts.memory");
    await write(f, title, story);
    await more(f, title);
    nowhere([story, title, "CANARY-3ce1", words] /* the bare word stands in Firefox's own scripts */, [["a request", here.line.sent()], ...bytesIn(here.world.folder), ...bytesIn(visit.profile)]);
    const to = join(here.world.folder, `opened-${title.replaceAll(" ", "-")}`);
    mkdirSync(to);
    const parts = await stored(here.world.person(`she-${title.replaceAll(" ", "-")}`, words), to);
    assert.deepEqual(parts.map((p) => p.content.toString("utf8")), [story]);
  }, settings);
}
