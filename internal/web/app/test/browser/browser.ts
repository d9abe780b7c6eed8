// Real browsers for tests: Debian's Chromium and Firefox ESR, each visit in a fresh profile folder that a test can search
// afterwards. A visit collects what must never happen: violations of the Content-Security-Policy or of Trusted Types, errors
// on the console, requests that failed, requests to anybody but the vault. Ending a visit fails on whatever was collected and
// not allowed beforehand, so no test passes beside a broken page.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const chromiumProgram = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
export const firefoxProgram = process.env["FIREFOX"] ?? "/usr/bin/firefox-esr";

/** What a visit may be told. */
export interface Settings {
  scripts?: boolean; // false: the person has turned scripts off
  width?: number;
  height?: number;
  zoom?: number; // 2: text and everything twice as large, as the browser's zoom does it
  microphone?: boolean; // a pretended one, allowed without asking; Chromium only
  profile?: string; // a profile of an earlier visit, to go on with; otherwise a fresh one
  preferences?: Record<string, string | number | boolean>; // of Firefox
  faultless?: boolean; // false: the test reads faults itself
}

/** One browser with one page in front. */
export interface Visit<Page> {
  readonly page: Page;
  readonly profile: string; // the folder of everything that the browser writes
  readonly faults: readonly string[];
  /** allow says beforehand which faults belong to the test. */
  allow(...patterns: readonly RegExp[]): void;
  /** another opens one more page in the same profile. */
  another(): Promise<Page>;
  /** close ends the browser; the profile stays until it is thrown away. */
  close(): Promise<void>;
  /** kill ends it the way a crash does. */
  kill(): Promise<void>;
}

/** Faults are what a visit collects. */
export class Faults {
  readonly all: string[] = [];
  private readonly allowed: RegExp[] = [];

  add(what: string): void {
    if (!this.allowed.some((pattern) => pattern.test(what))) this.all.push(what);
  }

  allow(...patterns: readonly RegExp[]): void {
    this.allowed.push(...patterns);
  }

  /** failed is a request that came to nothing. What a page was loading when it was left is no fault. */
  failed(method: string, url: string, why: string | undefined): void {
    if (!/ABORT/.test(why ?? "")) this.add(`request failed: ${method} ${url}: ${why ?? ""}`);
  }

  /** request remembers the first site that is visited; every other one is a fault. */
  request(url: string): void {
    if (!/^(https?|wss?|ftp):/.test(url)) return;
    const { origin, hostname } = new URL(url);
    this.home ??= origin;
    if (hostname !== "127.0.0.1" || origin !== this.home) this.add(`request to another site: ${url}`);
  }
  private home: string | undefined;
}

/** listening is run in every document before anything of it: a violation becomes an error on the console, in every browser. */
export const listening = `document.addEventListener("securitypolicyviolation", (e) =>
  console.error("policy violated: " + e.violatedDirective + " by " + (e.blockedURI || "inline") + " at " + e.sourceFile + ":" + e.lineNumber + " " + e.sample));`;

/** newProfile makes a folder that is home, profile and place of temporary files. */
export function newProfile(): string {
  const profile = mkdtempSync(join(tmpdir(), "profile-"));
  mkdirSync(join(profile, "tmp"));
  return profile;
}

/** surroundings keep whatever a browser writes inside its profile. */
export function surroundings(profile: string): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: profile, TMPDIR: join(profile, "tmp"), XDG_CONFIG_HOME: join(profile, "config"),
    XDG_CACHE_HOME: join(profile, "cache"), XDG_RUNTIME_DIR: join(profile, "tmp"), LANG: "C.UTF-8" };
}

export function mustExist(program: string, packageName: string): void {
  if (!existsSync(program)) throw new Error(`${program} is missing: run make browsers, or install your system's ${packageName}`);
}

/** within ends a visit whatever happens, throws its profile away, and fails on what was collected. */
export async function within<Page>(opening: Promise<Visit<Page>>, settings: Settings, use: (visit: Visit<Page>) => Promise<void>): Promise<void> {
  const visit = await opening;
  try {
    await use(visit);
    await visit.close();
    if (settings.faultless !== false) assert.deepEqual(visit.faults, [], "the browser reported faults");
  } catch (error) {
    if (visit.faults.length > 0) throw new Error(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThe browser reported:\n${visit.faults.join("\n")}`, { cause: error });
    throw error;
  } finally {
    await visit.close();
    if (settings.profile === undefined) rmSync(visit.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
