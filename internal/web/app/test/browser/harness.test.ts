// The harness itself: what it promises to notice, it notices, in both browsers.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { noViolations } from "./axe.ts";
import type { Visit } from "./browser.ts";
import { inChromium } from "./chromium.ts";
import { inFirefox } from "./firefox.ts";

const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

// Each page does one thing wrong, and finds a document that is otherwise whole.
const wrongs: Readonly<Record<string, RegExp>> = {
  "/style": /policy violated: style-src/,
  "/script": /policy violated: script-src/,
  "/missing": /answer 404/,
};

let server: Server;
let url = "";

before(async () => {
  server = createServer((request, response) => {
    response.setHeader("Content-Security-Policy", policy);
    response.setHeader("Content-Type", request.url?.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8");
    if (request.url === "/nothing.js" || request.url === "/favicon.ico") response.statusCode = request.url === "/nothing.js" ? 404 : 204;
    response.end(page(request.url ?? ""));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});

after(() => server.close());

function page(path: string): string {
  const wrong: Record<string, string> = {
    "/style": "<p style='color: red'>a</p>", "/script": "<script>document.title = 'b'</script>", "/missing": "<script src='/nothing.js'></script>",
    "/error.js": "throw new Error('as planned')", "/sink.js": "document.body.innerHTML = '<p>a</p>'", "/error": "<script src='/error.js'></script>",
    "/sink": "<script src='/sink.js'></script>", "/image": "<main><h1>a</h1><img src='data:,'></main>",
  };
  if (path.endsWith(".js")) return wrong[path] ?? "";
  return `<!doctype html><html lang="en"><head><title>a</title></head><body>${wrong[path] ?? "<main><h1>whole</h1></main>"}</body></html>`;
}

interface AnyPage {
  goto(url: string): Promise<unknown>;
}

async function notices(visit: Visit<AnyPage>): Promise<void> {
  for (const [path, pattern] of Object.entries({ ...wrongs, "/error": /as planned/, "/sink": /policy violated: require-trusted-types-for|TrustedHTML/ })) {
    const before = visit.faults.length;
    await visit.page.goto(url + path);
    await visit.page.goto(url + "/whole");
    assert.match(visit.faults.slice(before).join("\n"), pattern, `${path} went unnoticed`);
  }
}

test("Chromium's faults are noticed", () => inChromium((visit) => notices(visit), { faultless: false }));

test("Firefox's faults are noticed, but for what it has no Trusted Types for", () => inFirefox(async (visit) => {
  for (const [path, pattern] of Object.entries({ ...wrongs, "/error": /as planned/ })) {
    const before = visit.faults.length;
    await visit.page.goto(url + path);
    await visit.page.goto(url + "/whole");
    assert.match(visit.faults.slice(before).join("\n"), pattern, `${path} went unnoticed`);
  }
}, { faultless: false }));

test("a visit with a fault fails, and one with an allowed fault does not", async () => {
  await assert.rejects(inChromium(async ({ page }) => void (await page.goto(url + "/style"))), /policy violated/);
  await inChromium(async (visit) => {
    visit.allow(/./);
    await visit.page.goto(url + "/style");
  });
});

test("another site is a fault", async () => {
  await assert.rejects(inChromium(async (visit) => {
    await visit.page.goto(url + "/whole");
    await visit.page.goto(url.replace("127.0.0.1", "localhost") + "/whole");
  }), /request to another site/);
});

test("axe runs beside the strictest policy and finds what is wrong", () => inChromium(async ({ page }) => {
  await page.goto(url + "/whole");
  await noViolations(page);
  await page.goto(url + "/image");
  await assert.rejects(noViolations(page), /image-alt/);
}, { faultless: false }));

test("a browser that is killed is gone, and its profile can be gone on with", async () => {
  await inChromium(async (visit) => {
    await visit.page.goto(url + "/whole");
    await visit.kill();
    await inChromium(async (next) => void (await next.page.goto(url + "/whole")), { profile: visit.profile });
  });
});
