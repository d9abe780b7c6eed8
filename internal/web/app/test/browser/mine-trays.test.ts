// What partners bring her, from the code on her screen to what a reader is told: a partner at the command line brings two things, she
// looks at both, takes one and has the other destroyed, and the partner sees states by the day and nothing else.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { cast, enters, home, type Cast, type Hands, type Json } from "./minecast.ts";
import { partnership, type Partnership } from "../partnership.ts";

let c: Cast;
let p: Partnership;
before(async () => {
  c = await cast();
  p = await partnership(c.vault);
});
after(() => c.vault.stop());

const exactly = (text: string): RegExp => new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));

/** opensTray goes from what is hers to the code on the screen, and gives the file into which a partner scanned it. */
async function opensTray(h: Hands): Promise<string> {
  await h.press("mine.menu.brought");
  await h.heading("mine.menu.brought");
  await h.press("trays.open");
  await h.heading("trays.open");
  await h.fill(h.say("trays.number"), `${p.partner.slice(0, 13)} ${p.partner.slice(13).toUpperCase()}`);
  await h.press("trays.find");
  await h.heading("trays.question");
  await h.sees("Women for Memory");
  await h.press("mine.yes");
  await h.heading("trays.code.heading");
  await h.page.getByRole("img", { name: h.say("trays.code.picture") }).waitFor();
  const line = (await h.page.locator("code.whole").textContent()) ?? "";
  assert.match(line, /^TRAY1\/[0-9A-F]{64}\/[A-Z2-7]{26}\/AGE1PQ1[A-Z0-9]+$/);
  const path = join(c.vault.folder, "scanned.txt");
  writeFileSync(path, `${line}\n`);
  return path;
}

test("she takes one thing that a partner brought and destroys another, and the partner sees only states", () => inChromium(async (visit) => {
  await visit.page.setViewportSize({ width: 320, height: 640 });
  const h = await enters(visit, c, "ar");
  const card = await opensTray(h);
  await h.press("mine.done");
  await h.heading("mine.menu.brought");
  assert.equal(await h.page.locator("code.whole").count(), 0, "the code is shown once");
  const kept = await p.brings(card, "the river was high", "--gateway");
  const refused = await p.brings(card, "not true", "--plain");

  await home(h);
  await h.sees("شيئان أُحضرا لك ينتظرانك.");
  await h.press("mine.menu.brought");
  await h.heading("mine.menu.brought");
  await h.sees("Women for Memory");
  await h.pressText(exactly(h.say("trays.assurance.gateway")));
  await h.heading("trays.one");
  await h.sees("Women for Memory");
  await h.press("mine.open.part");
  await h.sees("the river was high");
  await h.fill(h.say("trays.into.title"), "النهر");
  await h.press("trays.take");
  await h.heading("trays.taken");
  await h.press("mine.done");
  await h.heading("mine.menu.brought");

  await h.pressText(exactly(h.say("trays.assurance.vault")));
  await h.heading("trays.one");
  await h.sees(h.say("trays.unnamed"));
  await h.press("mine.open.part");
  await h.sees("not true");
  await h.press("trays.refuse");
  await h.heading("trays.refuse.question");
  await h.press("mine.notnow");
  await h.heading("trays.one");
  await h.press("trays.refuse");
  await h.press("mine.yes");
  await h.heading("trays.refused");
  await h.press("mine.done");
  await h.heading("mine.menu.brought");
  await h.sees(h.say("trays.nothing"));

  const states = await p.deliveries();
  assert.deepEqual(new Set(states.map((d) => d["item"])), new Set([kept, refused]));
  for (const d of states) {
    assert.equal(d["state"], "waiting", "what she did shows a day later");
    assert.deepEqual(Object.keys(d).sort(), ["brought", "changed", "item", "state"]);
  }
  const her = await c.json("list");
  const found = (her["testimonies"] as Json[]).find((one) => one["title"] === "النهر");
  const shown = await c.json("show", String(found?.["testimony"]));
  assert.equal(shown["details"]?.[0]?.["brought"]?.["assurance"], "gateway");
}));

test("how it came stays with it, the reader is told, and the partner answers when she takes it back", () => inChromium(async (visit) => {
  const h = await enters(visit, c, "en");
  const card = await opensTray(h);
  const item = await p.brings(card, "seen at the bridge");
  await c.her.run("item", "adopt", item, "new", "--show", "--yes");

  await home(h);
  await h.pressText(exactly(h.say("mine.untitled")));
  await h.heading("mine.untitled");
  await h.sees(exactly(h.say("trays.assurance.partner-device")));
  await h.pressText(exactly(h.say("mine.part", { n: 1 })));
  await h.sees("Women for Memory");
  await h.press("mine.open.part");
  await h.sees("seen at the bridge");
  for (const named of [false, true]) {
    await h.press("mine.give");
    await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
    await h.heading("mine.give");
    await h.tick(h.say("mine.part", { n: 1 }));
    if (named) await h.tick(h.say("trays.name"));
    await h.press("mine.give.next");
    await h.heading("mine.give.question");
    await h.sees(exactly(h.say(named ? "trays.given.named" : "trays.given.unnamed", { n: "1" })));
    await h.press("mine.yes");
    await h.heading("mine.give.given");
    await h.press("mine.done");
    await h.page.getByRole("heading", { level: 1, name: h.say("mine.part", { n: 1 }), exact: true }).waitFor();
  }
  const inbox = JSON.parse((await c.reader.run("researcher", "inbox", "--json")).out) as { grants: { brought: Json[] }[] };
  const told = inbox.grants.flatMap((g) => g.brought);
  assert.deepEqual(told.map((one) => [one["assurance"], one["name"] ?? ""]).sort(), [["partner-device", ""], ["partner-device", "Women for Memory"]]);

  await h.press("mine.takeback.part");
  await h.heading("mine.takeback");
  await h.press("mine.takeback.yes");
  await h.heading("mine.revoke.done");
  await home(h);
  await h.press("mine.menu.taken");
  await h.heading("mine.menu.taken");
  await h.sees(h.say("trays.returned"));
  await h.sees("It has not answered yet");
  await p.acknowledges(item);
  await h.back();
  await h.press("mine.menu.taken");
  await h.heading("mine.menu.taken");
  await h.sees("that it heard you");

  await h.back();
  await h.press("mine.menu.brought");
  await h.heading("mine.menu.brought");
  await h.press("trays.close");
  await h.sees(h.say("trays.closed"));
}));
