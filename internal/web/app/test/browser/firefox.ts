// Debian's Firefox ESR, driven by Puppeteer over WebDriver BiDi.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, type Page } from "puppeteer-core";
import { Faults, firefoxProgram, listening, mustExist, newProfile, surroundings, within, type Settings, type Visit } from "./browser.ts";

/** Preferences of Tor Browser that matter to a page: nothing is remembered, no device is offered, numbers are blurred. */
export const torLike = {
  "browser.privatebrowsing.autostart": true,
  "privacy.resistFingerprinting": true,
  "media.navigator.enabled": false,
  "media.peerconnection.enabled": false,
  "dom.serviceWorkers.enabled": false,
  "dom.webaudio.enabled": true,
  "security.webauth.webauthn": false,
  "dom.fs.enabled": false,
  "dom.indexedDB.privateBrowsing.enabled": false,
  "network.cookie.lifetimePolicy": 2,
} as const;

/** The same at the level "safer": no just-in-time compiler and no WebAssembly. */
export const torLikeSafer = {
  ...torLike,
  "javascript.options.ion": false,
  "javascript.options.baselinejit": false,
  "javascript.options.native_regexp": false,
  "javascript.options.wasm": false,
  "svg.disabled": false,
} as const;

// Firefox speaks to its maker on its own; nothing of a test leaves the machine.
const quiet = {
  "app.update.enabled": false, "datareporting.policy.dataSubmissionEnabled": false, "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false, "browser.safebrowsing.malware.enabled": false, "browser.safebrowsing.phishing.enabled": false,
  "services.settings.server": "http://127.0.0.1:1/", "extensions.update.enabled": false, "browser.region.network.url": "",
};

/** inFirefox opens a browser for the length of use. */
export function inFirefox(use: (visit: Visit<Page>) => Promise<void>, settings: Settings = {}): Promise<void> {
  return within(openFirefox(settings), settings, use);
}

/** openFirefox opens one that the caller closes. */
export async function openFirefox(settings: Settings = {}): Promise<Visit<Page>> {
  mustExist(firefoxProgram, "firefox-esr");
  const profile = settings.profile ?? newProfile();
  mkdirSync(join(profile, "firefox"), { recursive: true });
  const scripts = settings.scripts === false ? { "javascript.enabled": false } : {};
  const browser = await launch({
    browser: "firefox", executablePath: firefoxProgram, headless: true, timeout: 90_000, protocolTimeout: 60_000,
    userDataDir: join(profile, "firefox"), env: surroundings(profile),
    extraPrefsFirefox: { ...quiet, ...settings.preferences, ...scripts },
    defaultViewport: { width: settings.width ?? 360, height: settings.height ?? 640 },
  });
  const faults = new Faults();
  const ready = async (page: Page): Promise<Page> => {
    await watch(page, faults);
    return page;
  };
  const page = await ready((await browser.pages())[0] ?? (await browser.newPage()));
  let open = true;
  return {
    page, profile, faults: faults.all,
    allow: (...patterns) => faults.allow(...patterns),
    another: async () => ready(await browser.newPage()),
    close: async () => {
      if (open) await browser.close();
      open = false;
    },
    kill: async () => {
      open = false;
      const child = browser.process();
      if (child === null) throw new Error("Firefox runs without a process");
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function watch(page: Page, faults: Faults): Promise<void> {
  await page.evaluateOnNewDocument(listening);
  page.setDefaultTimeout(30_000);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") faults.add(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.add(`error: ${String(error)}`));
  page.on("request", (request) => faults.request(request.url()));
  page.on("requestfailed", (request) => faults.failed(request.method(), request.url(), request.failure()?.errorText));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.add(`answer ${response.status()}: ${response.request().method()} ${response.url()}`);
  });
}
