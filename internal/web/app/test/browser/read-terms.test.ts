// What her terms do in the researcher's browser: an embargo with its day, a copy with its terms, asking, and answering to an end.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { accredited, applies, cast, looksAt, opens, quiet, text, type Cast, type Researcher } from "./readcast.ts";
import { pictured, recorded } from "./recorded.ts";

let all: Cast;
before(async () => {
  all = await cast();
});
after(() => all.vault.stop());

const say = (key: string, values?: Record<string, string>): string => text("en", key, values);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function reader(page: Page): Promise<Researcher> {
  const of = await applies(page, all.vault.url);
  await accredited(page, all, of);
  return of;
}

/** inDays is a date as the command line takes it. */
const inDays = (n: number): string => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

test("an embargo shows its day by the vault's clock, and nothing opens before", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const of = await reader(page);
  const testimony = await all.adds(all.file("later.txt", "later"));
  await all.grants(testimony, of.account, "--parts", "1", "--from", inDays(40), "--until", inDays(80));
  await looksAt(page);
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" }).format(new Date(inDays(40)));
  assert.ok(await page.getByText(day).first().isVisible());
  assert.ok(await page.getByText(say("read.state.waiting")).isVisible());
  assert.ok(await page.getByRole("button", { name: say("read.open.part", { n: "1" }) }).isDisabled());
}));

test("what is kept is what she gave, with terms that verify, and only where they allow it", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const of = await reader(page);
  const files = [all.file("قصة.txt", "كنت في البيت"), all.file("photo.jpg", await pictured(page, "image/jpeg")),
    all.file("voice.webm", await recorded(page, "audio/webm;codecs=opus", 1)), all.file("film.mp4", await recorded(page, "video/mp4;codecs=vp9,opus", 1, 160))];
  const testimony = await all.adds(...files);
  await all.grants(testimony, of.account, "--parts", "1,2,3,4", "--access", "download");
  await looksAt(page);
  for (const [i, file] of files.entries()) {
    await opens(page, i + 1);
    const [kept] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: say("read.keep"), exact: true }).click()]);
    const folder = mkdtempSync(join(all.vault.folder, "kept-"));
    await kept.saveAs(join(folder, "part.tar"));
    execFileSync("tar", ["-xf", "part.tar"], { cwd: folder });
    const part = join(folder, `part-${String(i + 1)}`);
    assert.equal(sha256(readFileSync(join(part, "content"))), sha256(readFileSync(file)));
    const said = await all.her.run("verify", join(part, "TERMS.json"));
    assert.doesNotMatch(said.out, /not this program/, "the plain words are those of the command line");
    await page.getByRole("button", { name: say("read.back") }).click();
    await page.getByRole("heading", { name: say("read.parts.title"), exact: true }).waitFor();
  }
}, { microphone: true }));

test("asking, an end, and the answer to it", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet, /404/); // what was taken back is not there any more
  const of = await reader(page);
  const testimony = await all.adds(all.file("told.txt", "told"));
  const grant = await all.grants(testimony, of.account, "--parts", "1");
  await looksAt(page);
  await page.getByRole("button", { name: say("read.ask.title") }).click();
  await page.getByRole("button", { name: say("read.ask.send") }).click();
  await page.getByText(say("read.ask.sent")).waitFor();
  await page.getByRole("button", { name: say("read.back") }).click();
  await opens(page, 1);
  assert.equal(await page.getByRole("button", { name: say("read.keep"), exact: true }).count(), 0, "she allows no copy");
  await all.her.run("revoke", testimony, grant);
  for (let i = 0; i < 2; i++) await page.getByRole("button", { name: say("read.back") }).click();
  await page.getByRole("button", { name: /ending/ }).click();
  await page.getByText(say("read.fetched")).waitFor();
  await page.getByRole("button", { name: say("read.reply.title") }).click();
  await page.getByLabel(say("read.reply.say.destroyed")).check();
  await page.getByRole("button", { name: say("read.reply.send") }).click();
  await page.getByText(say("read.reply.state.destroyed")).waitFor();
  assert.match((await all.her.run("show", testimony)).out, /destroyed/);
}));

test("words open the account again, and wrong ones say so", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(quiet);
  const of = await reader(page);
  await page.getByRole("button", { name: say("read.lock") }).click();
  await page.getByRole("button", { name: say("read.door.words") }).click();
  const field = page.getByLabel(say("unlock.label"));
  const open = (): Promise<void> => page.getByRole("button", { name: say("unlock.open"), exact: true }).click();
  await field.fill("these are no words");
  await open();
  await page.locator(".fault").waitFor();
  await field.fill(all.her.words());
  await open();
  await page.getByText(say("trouble.other-role")).waitFor();
  await field.fill(of.words);
  await open();
  await page.getByText(say("read.inbox.none")).waitFor();
}));
