// Debian's Chromium, driven by Playwright.
import { readlinkSync } from "node:fs";
import { join } from "node:path";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { chromiumProgram, Faults, listening, mustExist, newProfile, surroundings, within, type Settings, type Visit } from "./browser.ts";

const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
const pretended = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** inChromium opens a browser for the length of use. */
export function inChromium(use: (visit: Visit<Page>) => Promise<void>, settings: Settings = {}): Promise<void> {
  return within(openChromium(settings), settings, use);
}

/** openChromium opens one that the caller closes. */
export async function openChromium(settings: Settings = {}): Promise<Visit<Page>> {
  mustExist(chromiumProgram, "chromium");
  const profile = settings.profile ?? newProfile();
  const zoom = settings.zoom ?? 1;
  const context = await chromium.launchPersistentContext(join(profile, "chromium"), {
    executablePath: chromiumProgram, headless: true, timeout: 60_000, env: surroundings(profile),
    args: [...flags, ...(settings.microphone === true ? pretended : [])],
    javaScriptEnabled: settings.scripts !== false,
    // The browser's zoom halves the page's own pixels and doubles each.
    viewport: { width: Math.round((settings.width ?? 360) / zoom), height: Math.round((settings.height ?? 640) / zoom) },
    deviceScaleFactor: zoom,
    serviceWorkers: "block", reducedMotion: "reduce", // nothing is measured half-way
  });
  const faults = new Faults();
  await context.addInitScript(listening);
  context.on("page", (page) => void watch(context, page, faults));
  const page = context.pages()[0] ?? (await context.newPage());
  await watch(context, page, faults);
  page.setDefaultTimeout(20_000);
  return {
    page, profile, faults: faults.all,
    allow: (...patterns) => faults.allow(...patterns),
    another: () => context.newPage(),
    close: () => context.close(),
    kill: () => kill(context, profile),
  };
}

const watched = new WeakSet<Page>();

async function watch(context: BrowserContext, page: Page, faults: Faults): Promise<void> {
  if (watched.has(page)) return;
  watched.add(page);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.add(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.add(`error: ${error.stack ?? error.message}`));
  page.on("request", (request) => faults.request(request.url()));
  page.on("requestfailed", (request) => faults.failed(request.method(), request.url(), request.failure()?.errorText));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.add(`answer ${response.status()}: ${response.request().method()} ${response.url()}`);
  });
  // The browser's own list of issues also has those of workers and frames, which no listener of the page hears.
  const session = await context.newCDPSession(page);
  session.on("Audits.issueAdded", ({ issue }) => {
    const violation = issue.details.contentSecurityPolicyIssueDetails;
    if (violation) faults.add(`policy violated: ${violation.violatedDirective} by ${violation.blockedURL ?? "inline"}`);
  });
  await session.send("Audits.enable");
}

// The lock of a profile is a link to "host-pid".
async function kill(context: BrowserContext, profile: string): Promise<void> {
  const pid = Number(/-(\d+)$/.exec(readlinkSync(join(profile, "chromium", "SingletonLock")))?.[1]);
  const gone = new Promise<void>((resolve) => context.once("close", () => resolve()));
  process.kill(pid, "SIGKILL");
  await gone;
}
