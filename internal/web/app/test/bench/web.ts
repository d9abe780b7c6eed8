// Measures the web app in Chromium against a vault that runs, and writes the figures as one JSON object:
//
//   node .built/test/bench/web.js '{"url": …, "vault": …, "rounds": 3, "seal": 64, "file": …}'
//
// internal/bench/suite/web.go starts the vault, runs this and makes rows of it. It says what it does on standard error.
import { statSync } from "node:fs";
import { inChromium } from "../browser/chromium.ts";
import type { Probe } from "../browser/inpage.ts";
import { peakOf, renderers, seconds } from "../browser/memory.ts";
import { inChromiumPage } from "../browser/probe.ts";
import { meter, slow, slowLine, type Meter } from "./chromium.ts";
import { start, tell, type Moments } from "./flow.ts";
import type { Yardstick } from "./inpage.ts";

declare const probe: Probe; // in the page, as the next
declare const yardstick: Yardstick;

interface Order {
  readonly url: string;
  readonly vault: string;
  readonly rounds: number;
  readonly seal: number; // MiB
  readonly file: string; // to be sent
  readonly short: boolean; // show that it runs: nobody waits
}

const order = JSON.parse(process.argv[2] ?? "{}") as Order;
const { url, vault } = order;
const unjudged = { faultless: false }; // it is measured, not tested
const mib = 2 ** 20;

/** Speeds in MB/s, by the clock and by the processor's time. */
interface Speed {
  readonly clock: number;
  readonly computed: number;
}

async function speed(pids: readonly number[], bytes: number, run: () => Promise<number>): Promise<Speed> {
  const before = seconds(pids);
  const milliseconds = await run();
  return { clock: bytes / 1e3 / milliseconds, computed: bytes / 1e6 / Math.max(seconds(pids) - before, 0.01) };
}

/** sealing measures the worker and the yardstick in turns. */
async function sealing(): Promise<{ ours: Speed[]; age: Speed[] }> {
  const [ours, age]: [Speed[], Speed[]] = [[], []];
  await inChromium(async ({ page, profile }) => {
    const probed = await inChromiumPage(page, url, "bench/inpage.js");
    const { who } = await probed.evaluate((id) => probe.draw(id), vault);
    const recipient = await probed.evaluate((n) => probe.recipient(n), who);
    const pids = renderers(profile);
    const here = async (size: number) => (await probed.evaluate(([n, m]) => probe.run(n, m), [who, size] as const)).milliseconds;
    const there = (size: number) => probed.evaluate(([to, m]) => yardstick.run(to, m), [recipient, size] as const);
    await here(4);
    await there(4);
    for (let i = 0; i < order.rounds; i++) {
      ours.push(await speed(pids, order.seal * mib, () => here(order.seal)));
      age.push(await speed(pids, order.seal * mib, () => there(order.seal)));
    }
  }, unjudged);
  return { ours, age };
}

/** sending seals and sends a file from the disk. */
async function sending(): Promise<{ bytes: number; seconds: number; before: number; most: number }> {
  let [milliseconds, peak] = [0, { before: 0, most: 0 }];
  await inChromium(async ({ page, profile }) => {
    const probed = await inChromiumPage(page, url);
    const { who } = await probed.evaluate((id) => probe.draw(id), vault);
    await probed.evaluate((n) => probe.run(n, 4), who);
    await probed.evaluate(() => probe.field(), undefined);
    await page.locator("input[type=file]").setInputFiles(order.file);
    peak = await peakOf(renderers(profile), async () => {
      milliseconds = await probed.evaluate((n) => probe.send(n), who);
    });
  }, unjudged);
  return { bytes: statSync(order.file).size, seconds: milliseconds / 1000, ...peak };
}

/** loaded opens a console and waits until everything it asks for by itself is there. */
async function loaded(path: string): Promise<number> {
  let bytes = 0;
  await inChromium(async ({ page }) => {
    const m = await meter(page);
    await page.goto(url + path, { waitUntil: "networkidle" });
    await page.locator("#view").locator("button, p").first().waitFor();
    bytes = await m.bytes();
  }, unjudged);
  return bytes;
}

/** weighing counts the bytes of each way. */
async function weighing(): Promise<{ start: number; sent: number; read: number; team: number }> {
  let [first, sent] = [0, 0];
  await inChromium(async ({ page }) => {
    const m = await meter(page);
    await start(page, url, "ar");
    await page.waitForLoadState("networkidle");
    first = await m.bytes();
    await tell(page, "ar");
    sent = await m.bytes();
  }, unjudged);
  return { start: first, sent, read: await loaded("/ar/read"), team: await loaded("/ar/team") };
}

/** crawling goes the same way on a slow line with a slow processor: once with hands that never rest, once with half a minute
 *  of writing. */
async function crawling(): Promise<Record<"start" | "usable" | "hurried" | "pressed" | "stored", number>> {
  const hurried = await crawl(0);
  const { start: first, usable, pressed, stored } = await crawl(order.short ? 0 : 30);
  return { start: first, usable, hurried: hurried.stored, pressed, stored };
}

async function crawl(writing: number): Promise<Moments & { start: number }> {
  let found = { start: 0, usable: 0, pressed: 0, stored: 0 };
  await inChromium(async ({ page }) => {
    page.setDefaultTimeout(120_000);
    const m = await meter(page);
    await slow(page, order.short ? { ...slowLine, latency: 20, cpu: 1 } : slowLine);
    try {
      found = { start: await start(page, url, "ar"), ...(await tell(page, "ar", writing)) };
    } finally {
      trace(m);
    }
  }, unjudged);
  return found;
}

function trace(m: Meter): void {
  for (const { what, from, to } of m.requests()) console.error(`${from.toFixed(1).padStart(6)} ${to.toFixed(1).padStart(6)}  ${what}`);
}

const parts = { sealing, sending, weighing, crawling };
const found: Record<string, unknown> = {};
const only = process.argv[3]?.split(",");
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && !only.includes(name)) continue;
  console.error(`measuring ${name}`);
  found[name] = await measure();
}
console.log(JSON.stringify(found));
