// The frame of media is a place from which nothing gets out, and what people may put into a testimony does nothing in it or beside it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Frame, Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { accredited, applies, cast, looksAt, opens, quiet, text, type Cast } from "./readcast.ts";
import { pictured } from "./recorded.ts";

let all: Cast;
before(async () => {
  all = await cast();
});
after(() => all.vault.stop());

const say = (key: string): string => text("en", key);

async function framed(page: Page): Promise<Frame> {
  await page.getByRole("button", { name: say("read.uncover") }).click();
  const frame = await (await page.locator("iframe.stage").elementHandle())?.contentFrame();
  assert.ok(frame);
  await frame.locator("img").waitFor();
  return frame;
}

// Each is what a script would try that had got into the frame, and says how it ended.
const tries: Record<string, () => unknown> = {
  fetch: () => fetch("/v1/vault").then(() => "reached", () => "refused"),
  elsewhere: () => fetch("http://localhost:9/", { mode: "no-cors" }).then(() => "reached", () => "refused"),
  request: () => new Promise((done) => {
    const r = new XMLHttpRequest();
    r.onload = () => done("reached");
    r.onerror = () => done("refused");
    r.open("GET", "/v1/vault");
    r.send();
  }),
  socket: () => new Promise((done) => {
    try {
      const s = new WebSocket("ws://localhost:9/");
      s.onopen = () => done("reached");
      s.onerror = () => done("refused");
    } catch {
      done("refused");
    }
  }),
  beacon: () => new Promise((done) => {
    document.addEventListener("securitypolicyviolation", () => done("refused"), { once: true });
    navigator.sendBeacon("/v1/vault", "x");
  }),
  image: () => new Promise((done) => {
    const i = new Image();
    i.onload = () => done("reached");
    i.onerror = () => done("refused");
    i.src = "/a/pixel.png";
  }),
  worker: () => new Promise((done) => {
    try {
      const w = new Worker(URL.createObjectURL(new Blob([""])));
      w.onerror = () => done("refused");
      w.onmessage = () => done("reached");
    } catch {
      done("refused");
    }
  }),
  parent: () => {
    try {
      return window.parent.document.title === "" ? "empty" : "reached";
    } catch {
      return "refused";
    }
  },
  storage: () => {
    try {
      return sessionStorage.length >= 0 ? "reached" : "";
    } catch {
      return "refused";
    }
  },
  cookie: () => {
    try {
      return document.cookie === "" ? "reached" : "read";
    } catch {
      return "refused";
    }
  },
  database: () => new Promise((done) => {
    try {
      const r = indexedDB.open("x");
      r.onsuccess = () => done("reached");
      r.onerror = () => done("refused");
    } catch {
      done("refused");
    }
  }),
  top: () => {
    try {
      (window.top as Window).location.href = "/blank";
      return "reached";
    } catch {
      return "refused";
    }
  },
  window: () => (window.open("/blank") === null ? "refused" : "reached"),
  markup: () => {
    try {
      document.body.append(document.createRange().createContextualFragment("<p>x</p>"));
      return "reached";
    } catch {
      return "refused";
    }
  },
};

test("the frame reaches no network, no page, no storage, and goes nowhere", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/./); // every refusal is a violation, as it should be
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const testimony = await all.adds(all.file("photo.png", await pictured(page, "image/png")));
  await all.grants(testimony, reader.account, "--parts", "1");
  await looksAt(page);
  await opens(page, 1);
  const frame = await framed(page);
  const asked: string[] = [];
  page.on("response", (response) => asked.push(response.url()));
  assert.equal(await frame.evaluate(() => self.origin), "null", "it has no origin");
  const address = page.url();
  for (const [name, act] of Object.entries(tries)) assert.equal(await frame.evaluate(act), "refused", name);
  assert.equal(page.url(), address);
  assert.equal(page.context().pages().length, 1);
  // Going elsewhere itself is refused by the page around it.
  await frame.evaluate(() => void (location.href = "http://localhost:9/?secret")).catch(() => undefined);
  await page.locator(".promises").first().waitFor();
  assert.deepEqual(asked.filter((url) => !url.startsWith("blob:")), [], "nothing was answered");
}, { faultless: false }));

const hostile = {
  "picture.svg": "<svg xmlns='http://www.w3.org/2000/svg' onload='top.document.title=1'><script>top.document.title = 'x'</script></svg>",
  "page.txt": "<!doctype html><script>document.title = 'x'</script><img src=/x onerror=alert(1)>",
  "page.html": "<!doctype html><script>document.title = 'x'</script>",
  "turned.txt": "\u202Esay the opposite\u202C <script>document.title = 'x'</script>\u2028&lt;b&gt;",
  "both.jpg": Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from("<html><script>top.document.title='x'</script>*/=1")]),
  "table.pdf": "%PDF-1.7 <script>document.title = 'x'</script>",
};

test("what is hostile does nothing", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const names = Object.keys(hostile) as (keyof typeof hostile)[];
  const testimony = await all.adds(...names.map((name) => all.file(name, hostile[name])));
  await all.grants(testimony, reader.account, "--parts", names.map((_, i) => i + 1).join(","));
  await looksAt(page);
  for (const [i, name] of names.entries()) {
    await opens(page, i + 1);
    if (name === "table.pdf") await page.getByText(say("read.cannot.kind")).waitFor();
    else if (name === "both.jpg") {
      await page.getByRole("button", { name: say("read.uncover") }).click();
      await page.getByText(say("read.cannot.play")).waitFor();
    } else {
      const words = page.locator(".words");
      await words.waitFor();
      assert.equal(await words.textContent(), String(hostile[name]).replace("\u202E", "\uFFFD"));
      assert.equal(await words.locator("*").count(), 0, name);
    }
    assert.equal(await page.title(), "Notes", name);
    await page.getByRole("button", { name: say("read.back") }).click();
    await page.getByRole("heading", { name: say("read.parts.title"), exact: true }).waitFor();
  }
}));
