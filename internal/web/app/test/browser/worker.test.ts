// The worker in both browsers, as the vault serves it: under the site's own policy its module is loaded, seals what stock age
// and the command line client open, opens what they sealed, takes no more memory for a larger file, and forgets when it ends.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openWithStock } from "../stockage.ts";
import { recorded } from "../somebody.ts";
import { world, type World } from "../world.ts";
import { inChromium } from "./chromium.ts";
import { inFirefox } from "./firefox.ts";
import type { Probe } from "./inpage.ts";
import { peakOf, renderers } from "./memory.ts";
import { inChromiumPage, inFirefoxPage, type Probed } from "./probe.ts";
import { stored } from "./telling.ts";

declare const probe: Probe; // in the page

let w: World;

before(async () => {
  w = await world();
});
after(() => w.stop());

async function bytesOf(size: number, seed: number): Promise<Buffer> {
  return Buffer.from(await recorded(size, "", seed).blob.arrayBuffer());
}

function same(got: Uint8Array, want: Uint8Array, what: string): void {
  assert.ok(Buffer.from(got).equals(want), `${what}: other bytes`);
}

/** sealsAndOpens: what the worker seals opens there again, and with stock programs and her identity file. */
async function sealsAndOpens(page: Probed, name: string): Promise<void> {
  const size = 1_300_000;
  const want = await bytesOf(size, 5);
  const { who } = await page.evaluate((vault) => probe.draw(vault), w.vault);
  const sealed = await page.evaluate(([n, bytes]) => probe.seal(n, bytes, 5), [who, size] as const);
  const opened = await page.evaluate(([n, file]) => probe.open(n, file), [who, sealed] as const);
  assert.equal(opened.name, "voice.ogg");
  same(Buffer.from(opened.content, "base64url"), want, "opened by the worker");
  const identity = await page.evaluate((n) => probe.identityFile(n), who);
  const { info, content } = await openWithStock(join(w.folder, `stock-${name}`), identity, Buffer.from(sealed.file, "base64url"));
  assert.equal(info["name"], "voice.ogg");
  same(content, want, "opened by stock age");
}

/** across: what the browser stores the command line client opens, and the other way round. The second part is too long to
 *  travel inside a request. */
async function across(page: Probed, name: string): Promise<void> {
  const sizes = [40_000, 2_500_000];
  const { who, words } = await page.evaluate((vault) => probe.draw(vault), w.vault);
  await page.evaluate(([n, all]) => probe.tell(n, "from the browser", all), [who, sizes] as const);
  const her = w.person(name, words);
  const parts = await stored(her, w.folder);
  assert.deepEqual(parts.map((p) => p.info["name"]), ["voice-1.ogg", "voice-2.ogg"]);
  for (const [i, part] of parts.entries()) same(part.content, await bytesOf(sizes[i] ?? 0, i + 1), `part ${String(i + 1)} opened by the command line client`);

  const written = Buffer.from("وهذا كتبته من جهاز آخر.");
  const file = join(w.folder, `${name}.txt`);
  writeFileSync(file, written);
  await her.run("add", "new", "--title", "from the command line", file);
  const again = await page.evaluate(([vault, typed]) => probe.enter(vault, typed), [w.vault, words] as const);
  const read = await page.evaluate((n) => probe.read(n, "from the command line", 1), again);
  same(Buffer.from(read.content, "base64url"), written, "opened by the browser");
  assert.equal(read.name, `${name}.txt`);
}

/** forgets: work that is under way ends with the worker, and so does everything after it. */
async function forgets(page: Probed): Promise<void> {
  const { who } = await page.evaluate((vault) => probe.draw(vault), w.vault);
  assert.deepEqual(await page.evaluate((n) => probe.kill(n), who), ["stopped", "stopped", "stopped", "stopped"]);
}

test("Chromium's worker seals what stock age opens", () => inChromium(async ({ page }) => sealsAndOpens(await inChromiumPage(page, w.url), "chromium")));
test("Firefox's worker seals what stock age opens", () => inFirefox(async ({ page }) => sealsAndOpens(await inFirefoxPage(page, w.url), "firefox")));

test("what Chromium stores the command line client opens, and the other way round", () => inChromium(async (visit) => {
  visit.allow(/401/); // the first proof of a session has no nonce yet
  await across(await inChromiumPage(visit.page, w.url), "she-chromium");
}));
test("what Firefox stores the command line client opens, and the other way round", () => inFirefox(async (visit) => {
  visit.allow(/401/);
  await across(await inFirefoxPage(visit.page, w.url), "she-firefox");
}));

test("ending the worker in Chromium forgets every key, and nothing of it runs on", () => inChromium(async ({ page }) => {
  const ended = new Promise<void>((resolve) => page.once("worker", (worker) => worker.once("close", () => resolve())));
  await forgets(await inChromiumPage(page, w.url));
  await ended;
  assert.equal(page.workers().length, 0);
}));
test("ending the worker in Firefox forgets every key", () => inFirefox(async ({ page }) => forgets(await inFirefoxPage(page, w.url))));

test("sealing a long recording takes no more memory than a short one", () => inChromium(async ({ page, profile }) => {
  const [short, long] = [64, 192]; // MiB
  const probed = await inChromiumPage(page, w.url);
  const { who } = await probed.evaluate((vault) => probe.draw(vault), w.vault);
  const seal = async (mib: number): Promise<void> => {
    const { bytes } = await probed.evaluate(([n, size]) => probe.run(n, size), [who, mib] as const);
    assert.ok(bytes > mib * 2 ** 20, "not all of it was sealed");
  };
  const pids = renderers(profile);
  assert.ok(pids.length > 0, "Chromium has no renderer");
  const few = await peakOf(pids, () => seal(short));
  const many = await peakOf(pids, () => seal(long));
  const more = many.most - few.most;
  assert.ok(more < (long - short) / 2, `${String(long)} MiB took ${more.toFixed(0)} MiB more than ${String(short)} MiB`);
}));
