// A vault that lies to a researcher's browser is refused, and what it sent is not shown. Between page and vault stands somebody who
// changes answers; the rest is real.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import type { Page, Route } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { accredited, applies, cast, looksAt, opens, text, type Cast } from "./readcast.ts";
import { recorded } from "./recorded.ts";

let all: Cast;
before(async () => {
  all = await cast();
});
after(() => all.vault.stop());

type Lie = (body: Buffer) => Buffer;
const say = (key: string, values?: Record<string, string>): string => text("en", key, values);

/** lying has answers to a path changed. */
async function lying(page: Page, path: RegExp, lie: Lie): Promise<void> {
  await page.route(path, async (route: Route) => {
    const response = await route.fetch();
    const body = lie(await response.body());
    await route.fulfill({ response, body, headers: { ...response.headers(), "content-length": String(body.length) } });
  });
}

function flipped(body: Buffer, at: number): Buffer {
  const out = Buffer.from(body);
  out[at] = (out[at] ?? 0) ^ 1;
  return out;
}

test("a swapped header, another part's payload and a payload that ends early are refused", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/./);
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const testimony = await all.adds(all.file("one.txt", "one"), all.file("two.txt", "two"));
  await all.grants(testimony, reader.account, "--parts", "1,2");
  await looksAt(page);
  const kept: Buffer[] = [];
  await lying(page, /parts\/\d\/content$/, (body) => (kept.push(body), body));
  for (const n of [1, 2]) {
    await opens(page, n);
    await page.getByRole("button", { name: say("read.back") }).click();
  }
  await page.unroute(/parts\/\d\/content$/);
  const [one = Buffer.alloc(0), two = Buffer.alloc(0)] = kept;
  assert.equal(one.length, two.length);
  const header = one.length - 16_416; // the payload of the smallest class: nonce, 16 KiB, a tag
  const lies: [string, string, Lie][] = [
    ["a header that was touched", "part-swapped", (b) => flipped(b, 200)],
    ["another part", "part-swapped", () => two],
    ["another part's payload", "payload-swapped", () => Buffer.concat([one.subarray(0, header), two.subarray(header)])],
    ["a payload that was touched", "payload-swapped", (b) => flipped(b, b.length - 1)],
    ["a file that ends early, whose header would be another", "part-swapped", (b) => b.subarray(0, b.length - 100)],
  ];
  for (const [name, code, lie] of lies) {
    await lying(page, /parts\/1\/content$/, lie);
    await page.getByRole("button", { name: say("read.open.part", { n: "1" }) }).click();
    await page.getByRole("button", { name: say("read.before.open") }).click();
    await page.locator(".fault").waitFor();
    assert.equal(await page.locator(".fault").getAttribute("data-code"), code, name);
    assert.ok(await page.getByText(say("fault.untrusted")).isVisible(), name);
    assert.equal(await page.locator(".words, iframe").count(), 0, name);
    await page.unroute(/parts\/1\/content$/);
    await page.getByRole("button", { name: say("read.back") }).click();
  }
}, { faultless: false }));

test("a stretch of a film that was touched is not shown, and the film is gone", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/./);
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const made = await recorded(page, "video/webm;codecs=vp8,opus", 10, 720);
  const testimony = await all.adds(all.file("film.webm", made));
  await all.grants(testimony, reader.account, "--parts", "1");
  await looksAt(page);
  await opens(page, 1);
  const frame = await (await page.locator("iframe.stage").elementHandle())?.contentFrame();
  await frame?.locator("video").waitFor();
  await lying(page, /parts\/1\/content$/, (body) => flipped(body, Math.floor(body.length / 2)));
  await frame?.locator("video").evaluate((m: HTMLMediaElement) => {
    const end = (): void => void (m.currentTime = m.duration - 0.5);
    if (m.readyState > 0) end();
    else m.addEventListener("loadedmetadata", end);
  }).catch(() => undefined);
  await page.locator(".fault[data-code=payload-swapped]").waitFor();
  assert.equal(await page.locator("iframe").count(), 0);
}, { microphone: true, faultless: false }));

test("a grant that she did not make so is named, and cannot be looked at", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/./);
  const reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  const testimony = await all.adds(all.file("one.txt", "one"));
  await all.grants(testimony, reader.account, "--parts", "1");
  await lying(page, /\/v1\/inbox$/, (body) => {
    const said = JSON.parse(body.toString()) as { grants: { statement: string }[] };
    for (const grant of said.grants) {
      const [head = "", claims = "", signature = ""] = grant.statement.split(".");
      const changed = Buffer.from(claims, "base64url").toString().replace('"access":"view"', '"access":"download"');
      grant.statement = [head, Buffer.from(changed).toString("base64url"), signature].join(".");
    }
    return Buffer.from(JSON.stringify(said));
  });
  await page.getByRole("button", { name: say("read.standing.look") }).click();
  await page.locator(".cards .fault[data-code=grant-forged]").waitFor();
  assert.equal(await page.locator(".cards button").count(), 0);
}, { faultless: false }));
