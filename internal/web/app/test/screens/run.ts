// Takes every screen: node .built/test/screens/run.js FOLDER [NAME…]. A screen that cannot be reached, or at which the
// browser reports a fault, ends it.
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inChromium } from "../browser/chromium.ts";
import { world } from "../world.ts";
import type { Shot } from "./shot.ts";

const [folder = "screens", ...only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const here = dirname(fileURLToPath(import.meta.url));
const all: Shot[] = [];
for (const file of readdirSync(here).filter((name) => name.endsWith(".shots.js")).sort()) {
  const { shots } = (await import(join(here, file))) as { shots: readonly Shot[] };
  all.push(...shots.filter((shot) => only.length === 0 || only.includes(shot.name)));
}
if (all.length === 0) throw new Error("no such screen");

const vault = await world();
try {
  for (const shot of all) {
    for (const language of ["ar", "en"]) {
      await inChromium(async ({ page }) => {
        await shot.show(page, vault, language);
        await page.evaluate("scrollTo(0, 0)"); // so that the bar on top is on top
        await page.screenshot({ path: join(folder, `${shot.name}-${language}.png`), fullPage: true });
      }, { microphone: true });
    }
  }
} finally {
  await vault.stop();
}
