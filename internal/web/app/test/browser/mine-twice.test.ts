// A finger that presses more than once: whatever it signs is signed once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { cast, enters, gives, type Cast, type Hands, type Json } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
});
after(() => c.vault.stop());

/** thrice presses three times before the page can answer. */
async function thrice(page: Page, name: string): Promise<void> {
  const button = page.getByRole("button", { name, exact: true }).first();
  await button.waitFor();
  await button.evaluate((pressed) => {
    for (let i = 0; i < 3; i++) (pressed as HTMLButtonElement).click();
  });
}

async function events(testimony: string, kind: string): Promise<number> {
  const all = (await c.json("feed", testimony))["events"] as Json[];
  return all.filter((one) => one["kind"] === kind).length;
}

async function readers(h: Hands, title: string): Promise<void> {
  await h.pressText(new RegExp(title));
  await h.page.getByRole("heading", { level: 1, name: title }).waitFor();
}

test("giving, renewing and lessening are each one statement", () => inChromium(async (visit) => {
  const { page } = visit;
  const testimony = await c.adds("Given once", "x");
  const h = await enters(visit, c, "en");
  await gives(h, "Given once");
  await thrice(page, h.say("mine.yes"));
  await h.heading("mine.give.given");
  assert.equal(await events(testimony, "granted"), 1);

  await h.press("mine.done");
  await h.press("mine.access.see");
  await h.pressText(/Dr\. Leyla Haddad/);
  await h.heading("mine.grant");
  await h.press("mine.renew");
  await h.heading("mine.renew");
  await h.tick(h.say("terms.purpose.Training"));
  await thrice(page, h.say("mine.give.next"));
  await h.heading("mine.renew.question");
  await thrice(page, h.say("mine.yes"));
  await h.heading("mine.renew.done");
  assert.equal(await events(testimony, "renewed"), 1);

  await h.press("mine.done");
  await h.press("mine.narrow");
  await h.heading("mine.narrow");
  await h.tick(h.say("terms.purpose.Training"));
  await thrice(page, h.say("mine.narrow.now"));
  await h.heading("mine.narrow.done");
  assert.equal(await events(testimony, "narrowed"), 1);
}));

test("what waits for her silence, a pause and what is taken back are each one statement", () => inChromium(async (visit) => {
  const { page } = visit;
  const testimony = await c.adds("Waits once", "x");
  await c.her.run("grant", testimony, "--to", c.account, "--parts", "1", "--yes");
  const h = await enters(visit, c, "ar");
  await readers(h, "Waits once");
  await h.press("mine.policies");
  await h.press("mine.policy.make");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.policy.make");
  await page.getByLabel(h.say("mine.policy.silence"), { exact: true }).selectOption("30");
  await thrice(page, h.say("mine.give.next"));
  await h.heading("mine.policy.question");
  await thrice(page, h.say("mine.yes"));
  await h.heading("mine.policy.made");
  assert.equal(await events(testimony, "policy"), 1);
  await h.press("mine.done");
  await h.back();
  await thrice(page, h.say("mine.pause.one"));
  await page.getByRole("button", { name: h.say("mine.lift.one"), exact: true }).waitFor();
  assert.equal(await events(testimony, "paused"), 1);
  await h.press("mine.takeback.one");
  await h.heading("mine.takeback");
  await thrice(page, h.say("mine.takeback.yes"));
  await h.heading("mine.revoke.done");
  await h.sees(/Dr\. Leyla Haddad/);
  assert.equal(await events(testimony, "revoked"), 1);
}));
