// Lost words and silence, in a browser and over months: the vault's clock is moved. The command line is the other side of each.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import type { Person, MovedWorld } from "../world.ts";
import { movedWorld } from "../world.ts";
import { inChromium } from "./chromium.ts";
import { castIn, enters, hands, home, type Cast, type Hands, type Json } from "./minecast.ts";

let w: MovedWorld;
let c: Cast;
before(async () => {
  w = await movedWorld();
  c = await castIn(w);
});
after(() => w.stop());

interface Somebody {
  person: Person;
  account: string;
}

async function newcomer(name: string): Promise<Somebody> {
  const person = w.person(name);
  await person.run("enrol", "--yes", "--words-out", person.wordsFile);
  return { person, account: await accountOf(person) };
}

async function accountOf(person: Person): Promise<string> {
  return (JSON.parse((await person.run("trustee", "offer", "--json")).out) as { account: string }).account;
}

async function toRecovery(h: Hands): Promise<void> {
  await h.press("mine.menu.settings");
  await h.heading("mine.menu.settings");
  await h.press("mine.settings.recovery");
  await h.heading("mine.settings.recovery");
}

/** writesDown does with new words what she does: reads them, and gives back what is asked. */
async function writesDown(page: Page, h: Hands): Promise<string> {
  await page.locator(".grid li").first().waitFor();
  const words = await page.locator(".grid li").allInnerTexts();
  await h.press("tell.paper.done");
  await h.heading("tell.check.heading");
  for (const field of await page.locator("#view form input").all()) await field.fill(words[Number(/\d+$/.exec((await field.getAttribute("id")) ?? "")?.[0])] ?? "");
  await h.press("tell.check.done");
  return words.join(" ");
}

async function chooses(h: Hands, words: string, ...people: Somebody[]): Promise<void> {
  await h.press("mine.recovery.choose");
  await h.heading("mine.recovery.choose");
  for (const one of people) {
    await h.fill(h.say("mine.policy.trustee"), one.account);
    await h.press("mine.policy.add");
  }
  await h.fill(h.say("mine.policy.note"), "Ask me what we sang");
  await h.fill(h.say("mine.recovery.words"), words);
  await h.press("mine.give.next");
  await h.heading("mine.recovery.question");
}

test("set in a browser, given by one in a browser and one at the command line, and found on a new phone", async () => {
  const testimony = await c.adds("Kept", "what was kept");
  const [one, two] = [await newcomer("rana"), await newcomer("dina")];
  const account = await accountOf(c.her);

  await inChromium(async (visit) => {
    const h = await enters(visit, c, "en");
    await toRecovery(h);
    await h.sees(h.say("mine.recovery.off"));
    await chooses(h, one.person.words(), one, two);
    await h.press("mine.yes");
    await h.heading("mine.notdone"); // the words of somebody else are not hers
    await h.press("mine.done");
    await h.heading("mine.settings.recovery");
    await chooses(h, c.her.words(), one, two);
    await h.press("mine.yes");
    await h.heading("mine.recovery.set");
    await h.press("mine.done");
    await h.heading("mine.settings.recovery");
    await h.sees(new RegExp(h.say("mine.trustee.none")));
  }, { width: 320 });

  await inChromium(async (visit) => { // two months on she has lost her paper, and takes a new phone
    const { page } = visit;
    visit.allow(/404/, /Failed to load resource/);
    const h = hands(page, "en");
    await page.goto(`${w.url}/en/notes`);
    await h.press("mine.open");
    await h.press("mine.lost");
    const words = await writesDown(page, h);
    await h.heading("mine.lost");
    await h.press("mine.lost.account");
    await h.sees(h.say("mine.lost.which"));
    await h.fill(h.say("mine.lost.number"), account);
    await h.press("mine.lost.claim");
    await h.sees(h.say("mine.lost.readout"));
    const claimant = ((await page.locator("p.code").textContent()) ?? "").replace(/\s/g, "");
    await h.press("mine.lost.get");
    await h.sees(h.say("fault.not-released"));

    const list = JSON.parse((await two.person.run("recovery", "list", "--json")).out) as { recoveries: { claims: { claim: string; claimant: string }[] }[] };
    const claim = list.recoveries[0]?.claims[0] ?? assert.fail("no claim");
    assert.equal(claim.claimant, claimant);
    await two.person.run("recovery", "release", claim.claim, claimant);
    await inChromium(async (other) => {
      const t = await enters(other, c, "ar", one.person.words());
      await t.press("mine.menu.trusts");
      await t.heading("mine.menu.trusts");
      await t.sees("Ask me what we sang");
      await t.press("mine.trusts.agree");
      await t.sees(t.say("mine.trusts.answer.agreed"));
      await t.fill(t.say("mine.recovery.told"), two.account);
      await t.press("mine.recovery.give");
      await t.sees(t.say("fault.refused")); // the wrong person: nothing is given
      await t.fill(t.say("mine.recovery.told"), claimant.replace(/(.{4})/g, "$1 "));
      await t.press("mine.recovery.give");
      await t.sees(t.say("mine.recovery.given"));
    }, { width: 320 });

    await w.forward(32);
    await page.reload();
    const later = await enters(visit, c, "en", words);
    await toRecovery(later);
    await later.press("mine.lost.go");
    await later.heading("mine.lost");
    await later.press("mine.lost.get");
    await later.heading("mine.lost.found");
    await later.pressText(later.say("mine.rekey.make"));
    await later.heading("mine.rekey");
    await later.press("mine.rekey.make");
    const next = await writesDown(page, later);
    await later.heading("mine.rekey");
    await later.press("mine.rekey.yes");
    await later.heading("mine.rekey.done");
    await later.press("mine.open");
    await later.heading("mine.heading");
    await later.sees("Kept");

    const back = w.person("back", next);
    assert.match((await back.run("open", testimony, "1", "--show")).out, /what was kept/);
    assert.notEqual((await c.her.tries("list")).code, 0, "the old words still open");
    writeFileSync(c.her.wordsFile, next);
  });
});

test("a claim that is not hers is told to her in her vault, and her word ends it", () => inChromium(async (visit) => {
  const [one, two, thief] = [await newcomer("amal"), await newcomer("sara"), await newcomer("thief")];
  await c.her.run("recovery", "set", "--trustee", one.account, "--trustee", two.account, "--wait", "7");
  await thief.person.run("recovery", "claim", await accountOf(c.her));
  const h = await enters(visit, c, "ar");
  await toRecovery(h);
  await h.page.locator(".fault .fingerprint").getByText(thief.account.slice(0, 4)).waitFor();
  await h.press("mine.checkin");
  await h.page.locator(".fault").waitFor({ state: "detached" });
  await h.press("mine.recovery.end");
  await h.sees(h.say("mine.recovery.off"));
  assert.deepEqual((JSON.parse((await one.person.run("recovery", "list", "--json")).out) as { recoveries: unknown[] }).recoveries, []);
}));

test("her silence is noticed, said on her page, put off by her word, and otherwise lets the reader in", async () => {
  const testimony = await c.adds("If I am silent", "the orchard");
  await inChromium(async (visit) => {
    const h = await enters(visit, c, "en");
    await h.pressText(/If I am silent/);
    await h.press("mine.policies");
    await h.press("mine.policy.make");
    await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
    await h.heading("mine.policy.make");
    await h.page.getByLabel(h.say("mine.policy.silence"), { exact: true }).selectOption("30");
    await h.page.getByLabel(h.say("mine.policy.wait"), { exact: true }).selectOption("7");
    await h.press("mine.give.next");
    await h.heading("mine.policy.question");
    await h.press("mine.yes");
    await h.heading("mine.policy.made");
    await h.press("mine.policy.give");
    await h.heading("mine.give");
    await h.tick(h.say("mine.part", { n: 1 }));
    await h.page.getByRole("group", { name: h.say("mine.terms.until"), exact: true }).getByLabel(h.say("mine.date.year"), { exact: true })
      .selectOption({ index: 1 });
    await h.press("mine.give.next");
    await h.heading("mine.give.question");
    await h.press("mine.yes");
    await h.heading("mine.give.given");
  });
  const grant = String(((await c.json("show", testimony))["grants"] as Json[])[0]?.["grant"]);
  const reads = async (): Promise<boolean> => (await c.reader.tries("researcher", "open", grant, "1", "--show")).out.includes("the orchard");
  assert.equal(await reads(), false);

  await w.forward(33); // beyond the silence, before the end of the wait
  await inChromium(async (visit) => {
    const h = await enters(visit, c, "ar");
    const due = h.page.locator(".fault").filter({ hasText: h.say("mine.standing.silence", { day: "" }).split("\u2068")[0] ?? "-" });
    await due.waitFor();
    await h.press("mine.checkin");
    await due.waitFor({ state: "detached" });
    await home(h);
  }, { width: 320 });
  await w.forward(10); // the old day is over, and nothing opens: she was there
  assert.equal(await reads(), false, "her word was not heard");

  await w.forward(32);
  assert.equal(await reads(), true);
  await inChromium(async (visit) => {
    visit.allow(/404/, /Failed to load resource/);
    const h = await enters(visit, c, "en");
    await h.pressText(/If I am silent/);
    await h.press("mine.feed");
    await h.heading("mine.feed");
    await h.sees(/Dr\. Leyla Haddad/);
  });
});
