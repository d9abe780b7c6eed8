// Her vault when she is not there: the pause that somebody else can begin, her silence, the people she trusts, and the check
// that shows what a vault hides. The command line and the core in node are the other side.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newClient } from "../../src/core/client.ts";
import { pauseByCode } from "../../src/core/pauses.ts";
import type { Person } from "../world.ts";
import { inChromium } from "./chromium.ts";
import { cast, enters, type Cast, type Json } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
});
after(() => c.vault.stop());

test("whoever has her code pauses everything, and only she ends it", () => inChromium(async (visit) => {
  const testimony = await c.adds("Paused", "the river");
  await c.her.run("grant", testimony, "--to", c.account, "--parts", "1", "--yes");
  const grant = String(((await c.json("show", testimony))["grants"] as Json[])[0]?.["grant"]);
  const h = await enters(visit, c, "ar");
  await h.press("mine.menu.pause");
  await h.heading("mine.menu.pause");
  await h.sees(h.say("mine.standing.free"));
  await h.press("mine.code.make");
  await h.heading("mine.code.heading");
  const code = (await h.page.locator("p.code").textContent()) ?? "";
  assert.match(code, /^[\u0660-\u0669 ]+$/, "the code is in her numerals");
  await h.back();
  await h.heading("mine.menu.pause");
  await h.page.goForward();
  assert.equal(await h.page.locator("p.code").count(), 0, "the code is shown once");

  await pauseByCode(newClient({ server: c.vault.url, vault: c.vault.vault }), code);
  assert.notEqual((await c.reader.tries("researcher", "open", grant, "1", "--show")).code, 0);
  const again = await enters(visit, c, "ar");
  await again.sees(again.say("mine.standing.bycode"));
  await again.press("mine.menu.pause");
  await again.heading("mine.menu.pause");
  await again.press("mine.lift.all");
  await again.sees(again.say("mine.standing.free"));
  await c.reader.run("researcher", "open", grant, "1", "--show");
}));

async function trustee(name: string): Promise<{ person: Person; account: string }> {
  const person = c.vault.person(name);
  await person.run("enrol", "--yes", "--words-out", person.wordsFile);
  const said = JSON.parse((await person.run("trustee", "offer", "--json")).out) as { account: string };
  return { person, account: said.account };
}

test("people she trusts let a reader in together, and not one alone", () => inChromium(async (visit) => {
  const testimony = await c.adds("If I am gone", "the orchard");
  const [amal, dina] = [await trustee("amal"), await trustee("dina")];
  const h = await enters(visit, c, "en");
  await h.pressText(/If I am gone/);
  await h.press("mine.policies");
  await h.heading("mine.policies");
  await h.press("mine.policy.make");
  await h.heading("mine.give.who");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.policy.make");
  await h.fill(h.say("mine.policy.trustee"), amal.account.replace(/(.{4})/g, "$1 "));
  await h.press("mine.policy.add");
  await h.press("mine.give.next");
  await h.sees(h.say("mine.policy.two"));
  await h.fill(h.say("mine.policy.trustee"), dina.account);
  await h.press("mine.policy.add");
  await h.fill(h.say("mine.policy.note"), "Let her read it.");
  await h.press("mine.give.next");
  await h.heading("mine.policy.question");
  await h.press("mine.yes");
  await h.heading("mine.policy.made");
  await h.press("mine.policy.give");
  await h.heading("mine.give");
  await h.tick(h.say("mine.part", { n: 1 }));
  await h.press("mine.give.next");
  await h.heading("mine.give.question");
  await h.press("mine.yes");
  await h.heading("mine.give.given");
  const shown = ((await c.json("show", testimony))["grants"] as Json[])[0];
  assert.equal(shown?.["state"], "withheld");

  const listed = JSON.parse((await amal.person.run("trustee", "list", "--json")).out) as Json;
  const policy = /"policy":\s*"([^"]+)"/.exec(JSON.stringify(listed))?.[1] ?? assert.fail("nothing was entrusted");
  await amal.person.run("trustee", "agree", policy);
  await amal.person.run("trustee", "release", policy, "--yes");
  assert.notEqual((await c.reader.tries("researcher", "open", String(shown?.["grant"]), "1", "--show")).code, 0);
  await dina.person.run("trustee", "release", policy, "--yes");
  assert.match((await c.reader.run("researcher", "open", String(shown?.["grant"]), "1", "--show")).out, /the orchard/);
  await h.press("mine.done");
  await h.heading("mine.policies");
  await h.sees(new RegExp(h.say("mine.trustee.released", { day: "" }).replace(/[\u2066-\u2069].*$/u, "").trim()));
}));

test("what somebody trusts her with, she agrees to and gives to nobody but the reader", () => inChromium(async (visit) => {
  const giver = c.vault.person("noor");
  await giver.run("enrol", "--yes", "--words-out", giver.wordsFile);
  const other = await trustee("rana");
  const h = await enters(visit, c, "en");
  await h.press("mine.menu.trusts");
  await h.heading("mine.menu.trusts");
  await h.press("mine.offer.yes");
  await h.sees(h.say("mine.offer.open"));
  const mine = ((await h.page.locator("code.fingerprint").first().textContent()) ?? "").replace(/\s/g, "");
  const { writeFileSync } = await import("node:fs");
  writeFileSync(`${c.vault.folder}/noor.txt`, "the well");
  const t = JSON.parse((await giver.run("add", "new", `${c.vault.folder}/noor.txt`, "--json")).out) as { testimony: string };
  const p = JSON.parse((await giver.run("policy", "set", t.testimony, "--to", c.account, "--trustee", mine, "--trustee", other.account, "--note", "Thank you", "--yes", "--json")).out) as { policy: string };
  const g = JSON.parse((await giver.run("grant", t.testimony, "--to", c.account, "--parts", "1", "--policy", p.policy, "--yes", "--json")).out) as { grant: string };
  await other.person.run("trustee", "release", p.policy, "--yes");

  await h.back();
  await h.press("mine.menu.trusts");
  await h.sees("Thank you");
  await h.sees("Dr. Leyla Haddad");
  await h.press("mine.trusts.agree");
  await h.sees(h.say("mine.trusts.answer.agreed"));
  await h.press("mine.trusts.release");
  await h.heading("mine.trusts.question");
  await h.press("mine.yes");
  await h.heading("mine.trusts.released");
  assert.match((await c.reader.run("researcher", "open", g.grant, "1", "--show")).out, /the well/);
}));

test("the short check holds an earlier note against her chain", () => inChromium(async (visit) => {
  const h = await enters(visit, c, "ar");
  await h.press("mine.menu.check");
  await h.heading("mine.menu.check");
  const short = (await h.page.locator("p.code").textContent()) ?? "";
  assert.match(short, /^[\u0660-\u0669]+ – ([\u0660-\u0669]{5} ?){3}$/, "digits of her script, to be written by hand");
  const head = (await h.page.locator("code.whole").first().textContent()) ?? "";
  assert.equal(head, (await c.json("head"))["head"]);
  const compare = async (noted: string, words: string): Promise<void> => {
    await h.fill(h.say("mine.check.noted"), noted);
    await h.press("mine.check.compare");
    await h.sees(words);
  };
  await compare(head.replace(/^\d+/, (n) => n.replace(/\d/g, (d) => String.fromCharCode(0x6f0 + Number(d)))), h.say("mine.check.right"));
  await compare(short, h.say("mine.check.right"));
  await compare(short.replace(/.$/, (d) => (d === "\u0660" ? "\u0661" : "\u0660")), h.say("fault.forked"));
  await compare(short.replace(/^./, "\u0668\u0668"), h.say("fault.tail-cut"));
  await compare(`999:${head.split(":")[1] ?? ""}`, h.say("fault.tail-cut"));
  await compare(`1:${head.split(":")[1] ?? ""}`, h.say("fault.forked"));
  await h.page.locator("details summary", { hasText: h.say("mine.check.whole") }).click();
  const key = await h.page.locator("#receipt-key").innerText();
  await compare(key, h.say("mine.check.follows"));
  await compare((key.startsWith("A") ? "B" : "A") + key.slice(1), h.say("fault.receipt-keys"));
}));

test("title and labels are changed, settings say what is not here, and closing leaves", () => inChromium(async (visit) => {
  const testimony = await c.adds("Old title", "x");
  const h = await enters(visit, c, "ar");
  await h.pressText(/Old title/);
  await h.press("mine.edit");
  await h.heading("mine.edit");
  await h.fill(h.say("mine.edit.title"), "عنوان جديد");
  await h.fill(h.say("mine.edit.label", { n: 1 }), "الرسالة");
  await h.press("mine.edit.keep");
  await h.sees("الرسالة");
  assert.equal((await c.json("show", testimony))["title"], "عنوان جديد");
  await h.back();
  await h.press("mine.menu.settings");
  await h.heading("mine.menu.settings");
  await h.press("mine.settings.close");
  await h.page.waitForURL((url) => !url.pathname.endsWith("/notes"));
}));

