// Her vault in a browser, with the command line as the other side: what was stored there is listed and opened here, what is
// given here is opened there, seen here, and taken back here. All with the keyboard, in two directions of writing.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { cast, enters, gives, home, type Cast, type Json } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
});
after(() => c.vault.stop());

const carried: Record<string, string> = { en: "I carry it with care", ar: "أحمله بعناية" };
const noteGone: Record<string, string> = { en: "The vault has destroyed the note.", ar: "أتلفتها الخزنة" };
const words = "أريد أن أُسمَع.\nI want to be heard.";

async function grantOf(testimony: string): Promise<Json> {
  const grants = (await c.json("show", testimony))["grants"] as Json[];
  return grants.at(-1) ?? assert.fail("no grant");
}

for (const language of ["en", "ar"]) {
  test(`what the command line stored is listed and opened (${language})`, () => inChromium(async (visit) => {
    const { page } = visit;
    const title = `ما أريده ${language}`;
    await c.adds(title, words, "second");
    const h = await enters(visit, c, language);
    await h.pressText(new RegExp(title));
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    await h.sees(h.say("mine.access.nobody"));
    await h.pressText(new RegExp(`^${h.say("mine.part", { n: 1 })}`));
    await h.heading("mine.part", { n: 1 });
    await h.press("mine.open.part");
    await h.sees("I want to be heard.");
    assert.equal(await page.getByRole("region", { name: h.say("mine.words") }).textContent(), words);
    const saving = page.waitForEvent("download");
    await h.press("mine.save.copy");
    await h.sees(h.say("mine.save.warning")); // nothing is written before she has been told
    await h.press("mine.save.yes");
    assert.match((await saving).suggestedFilename(), /^notes(\.txt)?$/);
  }, { width: 320 }));

  test(`given, opened by the reader, seen, taken back, refused (${language})`, () => inChromium(async (visit) => {
    const title = `Winter ${language}`;
    const testimony = await c.adds(title, words);
    const h = await enters(visit, c, language);
    await gives(h, title, async () => {
      await h.tick(h.say("terms.purpose.Research"));
      await h.tick(h.say("mine.holds.torture"));
    });
    await h.sees(h.say("mine.give.told", { labels: h.say("mine.holds.torture") }));
    await h.sees(h.say("mine.give.limits"));
    await h.sees(h.say("terms.attribution.listen-only")); // what she left alone protects her
    await h.press("mine.yes");
    await h.heading("mine.give.given");
    const grant = await grantOf(testimony);
    assert.deepEqual(grant["terms"]?.["purposes"], ["BeingHeard", "Research"]);
    assert.equal(grant["terms"]?.["attribution"], "listen-only");
    assert.equal((grant["terms"]?.["prohibited"] as Json[]).length, 9);

    const read = await c.reader.run("researcher", "open", String(grant["grant"]), "1", "--show");
    assert.match(read.out, /I want to be heard/);
    const inbox = JSON.parse((await c.reader.run("researcher", "inbox", "--json")).out) as { grants: { grant: string; holds?: string[] }[] };
    assert.deepEqual(inbox.grants.find((g) => g.grant === grant["grant"])?.holds, ["torture"]);
    const noted = join(c.vault.folder, "noted.txt");
    writeFileSync(noted, "she says it twice");
    await c.reader.run("researcher", "notes", String(grant["grant"]), "1", "--from", noted);
    await c.reader.run("researcher", "heard", String(grant["grant"]), "with-care");
    await h.press("mine.done");
    await h.press("mine.feed");
    await h.heading("mine.feed");
    await h.sees(carried[language] ?? assert.fail());

    await h.back();
    await h.press("mine.access.see");
    await h.heading("mine.access.heading");
    await h.pressText(/Dr\. Leyla Haddad/);
    await h.heading("mine.grant");
    await h.press("mine.revoke");
    await h.heading("mine.revoke");
    await h.press("mine.revoke.yes");
    await h.heading("mine.revoke.done");
    await h.sees(h.say("mine.revoke.cannot"));
    assert.notEqual((await c.reader.tries("researcher", "open", String(grant["grant"]), "1", "--show")).code, 0);
    await home(h);
    await h.press("mine.menu.taken");
    await h.heading("mine.menu.taken");
    await h.sees(/Dr\. Leyla Haddad/);
    await h.sees(noteGone[language] ?? assert.fail());
  }, { width: 320 }));
}

test("no and not now sign nothing, and not now keeps her choices", () => inChromium(async (visit) => {
  const testimony = await c.adds("Questions", words);
  const h = await enters(visit, c, "en");
  await gives(h, "Questions", () => h.tick(h.say("terms.purpose.Memorial")));
  await h.press("mine.notnow");
  await h.heading("mine.give");
  assert.ok(await h.page.getByLabel(h.say("terms.purpose.Memorial"), { exact: true }).isChecked());
  assert.ok(await h.page.getByLabel(h.say("mine.part", { n: 1 }), { exact: true }).isChecked());
  await h.press("mine.give.next");
  await h.heading("mine.give.question");
  await h.press("mine.no");
  await h.sees(h.say("mine.access.nobody"));
  assert.deepEqual((await c.json("show", testimony))["grants"], []);
}));

test("before its day nobody opens it", () => inChromium(async (visit) => {
  const testimony = await c.adds("Later", words);
  const h = await enters(visit, c, "ar");
  const year = String(new Date().getUTCFullYear() + 1);
  await gives(h, "Later", async () => {
    for (const [legend, to] of [["mine.terms.from", year], ["mine.terms.until", String(Number(year) + 1)]] as const) {
      await h.page.getByRole("group", { name: h.say(legend), exact: true }).getByLabel(h.say("mine.date.year"), { exact: true }).selectOption(to);
    }
  });
  await h.press("mine.yes");
  await h.heading("mine.give.given");
  const grant = await grantOf(testimony);
  assert.equal(grant["state"], "waiting");
  assert.equal(new Date(Number(grant["terms"]?.["from"]) * 1000).getUTCFullYear(), Number(year));
  assert.notEqual((await c.reader.tries("researcher", "open", String(grant["grant"]), "1", "--show")).code, 0);
}));

test("less takes effect at once, more is asked, and what a reader asks can wait", () => inChromium(async (visit) => {
  const testimony = await c.adds("Changes", words);
  await c.her.run("grant", testimony, "--to", c.account, "--parts", "1", "--purpose", "Research", "--purpose", "Podcast", "--attribution", "named", "--yes");
  const grant = String((await grantOf(testimony))["grant"]);
  await c.reader.run("researcher", "ask", grant, "--purpose", "Publication");
  const h = await enters(visit, c, "en");
  await h.pressText(/Changes/);
  await h.press("mine.access.see");
  await h.pressText(/Dr\. Leyla Haddad/);
  await h.heading("mine.grant");
  await h.sees(h.say("mine.asks.free"));
  await h.press("mine.notnow");
  await h.heading("mine.notnow");
  await h.press("mine.notnow.say");
  await h.heading("mine.grant");
  await h.sees(h.say("mine.consent.ConsentRequestDeferred"));

  await h.press("mine.narrow");
  await h.heading("mine.narrow");
  assert.equal(await h.page.getByLabel(h.say("terms.purpose.Memorial"), { exact: true }).count(), 0); // nothing wider is offered
  await h.tick(h.say("terms.purpose.Podcast"));
  await h.press("mine.narrow.now");
  await h.heading("mine.narrow.done");
  assert.deepEqual((await grantOf(testimony))["terms"]?.["purposes"], ["Research"]);

  await h.press("mine.done");
  await h.press("mine.renew");
  await h.heading("mine.renew");
  await h.tick(h.say("terms.purpose.Training"));
  await h.press("mine.give.next");
  await h.heading("mine.renew.question");
  await h.press("mine.yes");
  await h.heading("mine.renew.done");
  assert.deepEqual((await grantOf(testimony))["terms"]?.["purposes"], ["Research", "Training"]);
}));

test("everything is taken back in one step, and the reader's answer is shown", () => inChromium(async (visit) => {
  const testimony = await c.adds("All of it", words);
  await c.her.run("grant", testimony, "--to", c.account, "--parts", "1", "--yes");
  const grant = String((await grantOf(testimony))["grant"]);
  await c.reader.run("researcher", "open", grant, "1", "--show");
  const h = await enters(visit, c, "ar");
  await h.press("mine.menu.takeback");
  await h.heading("mine.takeback");
  await h.sees(h.say("mine.takeback.scope.all"));
  await h.press("mine.takeback.yes");
  await h.heading("mine.revoke.done");
  assert.notEqual((await c.reader.tries("researcher", "open", grant, "1", "--show")).code, 0);
  await c.reader.run("reply", grant, "--kept", "أحتاجها في المحكمة");
  await h.press("mine.done");
  await h.press("mine.menu.taken");
  await h.heading("mine.menu.taken");
  await h.sees("أحتاجها في المحكمة");
  const saving = h.page.waitForEvent("download");
  await h.press("mine.receipt");
  await h.press("mine.save.yes");
  assert.equal((await saving).suggestedFilename(), "receipt.txt");
}));

test("a word of her language erases a testimony, and nothing else does", () => inChromium(async (visit) => {
  const testimony = await c.adds("Gone", words);
  const h = await enters(visit, c, "ar");
  await h.pressText(/Gone/);
  await h.press("mine.erase");
  await h.heading("mine.erase");
  await h.press("mine.erase.yes");
  await h.sees(h.say("mine.erase.wrong", { word: h.say("mine.erase.word") }));
  await c.her.run("show", testimony);
  await h.fill(h.say("mine.erase.type", { word: h.say("mine.erase.word") }), ` ${h.say("mine.erase.word")}\u200f`);
  await h.press("mine.erase.yes");
  await h.heading("mine.erase.done");
  assert.equal((await c.her.tries("show", testimony)).code, 5);
  await h.press("mine.done");
  await h.heading("mine.heading");
  assert.equal(await h.page.getByRole("button", { name: /Gone/ }).count(), 0);
}));
