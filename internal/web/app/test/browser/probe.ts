// A probe in a page of the real vault: code of the tests beside the app's own modules, under the very policy of that page,
// with the site's own worker behind it. The files are handed to the browser in place of the vault (it has none of them), as
// they were compiled for node; whatever the page's Content-Security-Policy or Trusted Types refuse, they refuse here too.
import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import type { Page as ChromiumPage } from "playwright-core";
import type { HTTPRequest, Page as FirefoxPage } from "puppeteer-core";
import { app } from "../world.ts";

/** Where the probe's files are, as the page sees it. */
export const under = "/a/probe/";

const load = (module: string) => `import("${under}test/${module}")`;

/** A page of either browser that can be asked to do something. */
export interface Probed {
  evaluate<A, R>(does: (arg: A) => Promise<R>, arg: A): Promise<R>;
}

/** fileAt is a compiled module, with names of packages as addresses: the policy lets no import map pass. */
function fileAt(address: string): string {
  const path = normalize(new URL(address).pathname.slice(under.length));
  if (path.startsWith("..")) throw new Error(`not a file of the probe: ${path}`);
  const file = path.startsWith("node_modules/") ? join(app, path) : join(app, ".built", path);
  return readFileSync(file, "utf8").replace(/(from\s+["'])(@[^"']+|age-encryption)(["'])/g, (_, before: string, name: string, after: string) => before + packaged(name) + after);
}

function packaged(name: string): string {
  if (name === "age-encryption") return `${under}node_modules/${name}/dist/index.js`;
  return `${under}node_modules/${name}${name.endsWith(".js") ? "" : "/index.js"}`;
}

const served = { status: 200, contentType: "text/javascript; charset=utf-8" };

/** inChromiumPage opens a page that has no worker of its own yet and loads the probe into it. Requests are looked at no longer than that takes. */
export async function inChromiumPage(page: ChromiumPage, url: string, module = "browser/inpage.js"): Promise<Probed> {
  await page.route(`${url}${under}**`, (route) => route.fulfill({ ...served, body: fileAt(route.request().url()) }));
  await page.goto(`${url}/en/team`);
  await page.evaluate(load(module));
  await page.unrouteAll({ behavior: "wait" });
  return page;
}

/** inFirefoxPage is the same there. */
export async function inFirefoxPage(page: FirefoxPage, url: string): Promise<Probed> {
  await page.setRequestInterception(true);
  const answer = (request: HTTPRequest) => {
    if (request.url().startsWith(url + under)) void request.respond({ ...served, body: fileAt(request.url()) });
    else void request.continue();
  };
  page.on("request", answer);
  await page.goto(`${url}/en/team`);
  await page.evaluate(load("browser/inpage.js"));
  page.off("request", answer);
  await page.setRequestInterception(false);
  return page as unknown as Probed;
}
