// A reader's notes in a real browser: locked before they leave it, read again with the words alone, gone with what she takes back.
// And the one thing that she can be told; and another key.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";
import { accredited, applies, cast, looksAt, opens, quiet, text, type Cast, type Researcher } from "./readcast.ts";

let all: Cast;
let reader: Researcher;
let testimony: string;
let grant: string;
before(async () => {
  all = await cast();
});
after(() => all.vault.stop());

const say = (key: string, values?: Record<string, string>): string => text("en", key, values);
const note = "she says TWICE-OVER that the door was open";

async function enters(page: Page): Promise<void> {
  await page.goto(`${all.vault.url}/en/read`);
  await page.getByRole("button", { name: say("read.door.words") }).click();
  await page.locator("#words").fill(reader.words);
  await page.locator("form button[type=submit]").click();
  await page.getByRole("button", { name: say("read.standing.look") }).waitFor();
}

test("a note is locked before it leaves the browser, and read again with the words alone", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const sent: string[] = [];
  page.on("request", (request) => void sent.push(request.postData() ?? ""));
  reader = await applies(page, all.vault.url);
  await accredited(page, all, reader);
  testimony = await all.adds(all.file("story.txt", "in the cellar"));
  grant = await all.grants(testimony, reader.account, "--parts", "1");
  await looksAt(page);
  await opens(page, 1);
  await page.getByLabel(say("read.note.label")).fill(note);
  await noViolations(page);
  await page.getByRole("button", { name: say("read.note.keep") }).click();
  await page.locator("[role=status]", { hasText: say("read.note.kept") }).first().waitFor();
  const put = sent.filter((body) => body.includes('"sealed"'));
  assert.equal(put.length, 1);
  assert.equal(sent.some((body) => body.includes("TWICE-OVER")), false);
  const { sealed } = JSON.parse(put[0] ?? "{}") as { sealed: string };
  assert.match(Buffer.from(sealed, "base64url").toString("latin1"), /^age-encryption\.org\/v1\n-> mlkem768x25519 /);
  await enters(page);
  await looksAt(page);
  await opens(page, 1);
  assert.equal(await page.getByLabel(say("read.note.label")).inputValue(), note);
}));

test("what she says that it holds stands before the opening", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const other = await applies(page, all.vault.url);
  await accredited(page, all, other);
  await all.grants(await all.adds(all.file("hard.txt", "hard to read")), other.account, "--parts", "1", "--holds", "violence,death");
  await looksAt(page);
  await page.getByRole("button", { name: say("read.open.part", { n: "1" }) }).click();
  const holds = page.locator(".holds");
  await holds.waitFor();
  assert.deepEqual(await holds.locator("li").allInnerTexts(), [say("read.holds.death"), say("read.holds.violence")]);
  const [told, button] = [await holds.boundingBox(), await page.getByRole("button", { name: say("read.before.open") }).boundingBox()];
  assert.ok(told !== null && button !== null && told.y + told.height < button.y);
  await noViolations(page);
  await page.getByRole("button", { name: say("read.before.open") }).click();
  await page.getByText("hard to read").waitFor();
}));

test("what is no note of these keys is called so, and a note that is too long stays here", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet, /422/);
  await page.route(/\/v1\/inbox\/[^/]+\/notes$/, async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as { notes: { sealed: string }[] };
    for (const one of answer.notes) one.sealed = Buffer.from("no age file of anybody").toString("base64url");
    await route.fulfill({ response, json: answer });
  });
  await enters(page);
  await looksAt(page);
  await opens(page, 1);
  await page.locator("[data-code=own-keys]").waitFor();
  const field = page.getByLabel(say("read.note.label"));
  assert.equal(await field.inputValue(), "");
  await field.fill("ي".repeat(2048));
  await page.getByText(say("read.note.long")).waitFor();
  assert.ok(await page.getByRole("button", { name: say("read.note.keep") }).isDisabled());
  await noViolations(page);
}));

test("she is told in a fixed word that she was heard, once", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet, /404/);
  await enters(page);
  await looksAt(page);
  await opens(page, 1);
  const hears = async (): Promise<void> => {
    await page.getByRole("button", { name: say("read.heard"), exact: true }).click();
    await page.getByLabel(say("read.heard.say.with-care")).check();
    await noViolations(page);
    await page.getByRole("button", { name: say("read.heard.send") }).click();
  };
  await hears();
  await page.getByText(say("read.heard.done")).waitFor();
  assert.match(await all.feed(testimony), /says: I carry it with care/);
  await page.getByRole("button", { name: say("read.back"), exact: true }).click();
  await hears();
  await page.locator("[data-code=not-found]").waitFor();
  assert.equal((await all.feed(testimony)).match(/says: /g)?.length, 1);
}));

test("a note goes with what she takes back, and both are told", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  await all.her.run("revoke", grant);
  assert.match((await all.her.run("withdrawals")).out, /had noted something about 1 parts here: the vault has destroyed it/);
  await enters(page);
  await page.getByRole("button", { name: "1 ending waits for your answer" }).click();
  await page.getByText("The vault has destroyed your note about 1 part.").waitFor();
  await noViolations(page);
}));

test("another key is another account: the page says how, and forgets the old one first", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  await enters(page);
  await page.getByRole("button", { name: say("read.change") }).click();
  await page.getByText(say("read.change.ask")).waitFor();
  assert.equal((await page.locator("ol .fingerprint").innerText()).replace(/\s/g, ""), reader.account);
  await noViolations(page);
  await page.getByRole("button", { name: say("read.new.make") }).click();
  await page.getByRole("button", { name: say("read.new.make") }).click();
  await page.locator(".secret-sheet li").first().waitFor();
  assert.notEqual((await page.locator(".fingerprint").nth(1).innerText()).replace(/\s/g, ""), reader.account);
}));
