// What partners bring her, with a partner at the command line as the other side.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { cast, hands, home } from "../browser/minecast.ts";
import { partnership } from "../partnership.ts";
import type { Camera, Shot } from "./shot.ts";

const quiet = /ERR_ABORTED|404|401|Failed to load resource/;

async function brought(page: Page, language: string, { take, allow }: Camera): Promise<void> {
  allow(quiet);
  const c = await cast();
  try {
    const p = await partnership(c.vault);
    const h = hands(page, language);
    await page.goto(`${c.vault.url}/${language}/notes`);
    await h.press("mine.open");
    await page.getByLabel(h.say("unlock.label"), { exact: true }).fill(c.her.words());
    await h.press("unlock.open");
    await h.heading("mine.heading");
    await h.press("mine.menu.brought");
    await h.heading("mine.menu.brought");
    await take("trays-none");
    await h.press("trays.open");
    await h.heading("trays.open");
    await take("trays-open");
    await h.fill(h.say("trays.number"), p.partner);
    await h.press("trays.find");
    await h.heading("trays.question");
    await take("trays-question");
    await h.press("mine.yes");
    await h.heading("trays.code.heading");
    await take("trays-code");
    const card = join(c.vault.folder, "scanned.txt");
    writeFileSync(card, (await page.locator("code.whole").textContent()) ?? "");
    await p.brings(card, "كان النهر عاليًا. The river was high.", "--gateway");
    await p.brings(card, "second", "--plain");
    await home(h);
    await take("trays-waiting");
    await h.press("mine.menu.brought");
    await h.heading("mine.menu.brought");
    await take("trays-list");
    await h.pressText(/Women for Memory/);
    await h.heading("trays.one");
    await h.press("mine.open.part");
    await h.sees("The river was high.");
    await take("trays-item");
    await h.press("trays.take");
    await h.heading("trays.taken");
    await take("trays-taken");
    await home(h);
    await h.pressText(new RegExp(h.say("mine.untitled")));
    await h.heading("mine.untitled");
    await take("trays-testimony");
    await h.press("mine.give");
    await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
    await h.heading("mine.give");
    await h.tick(h.say("mine.part", { n: 1 }));
    await take("trays-give");
    await h.press("mine.give.next");
    await h.heading("mine.give.question");
    await take("trays-give-question");
    await c.her.run("withdraw", "--everything");
    await home(h);
    await h.press("mine.menu.taken");
    await h.heading("mine.menu.taken");
    await take("trays-returned");
  } finally {
    await c.vault.stop();
  }
}

export const shots: readonly Shot[] = [{ name: "trays", way: true, show: (page, _, language, camera) => brought(page, language, camera) }];
