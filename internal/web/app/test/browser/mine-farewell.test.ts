// Her vault when its stewards have said farewell: she sees it each time, in her language, over her list; and it is theirs,
// for it stands in the roster that her browser verifies.
import { after, before, test } from "node:test";
import { inChromium } from "./chromium.ts";
import { cast, enters, type Cast } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
});
after(() => c.vault.stop());

/** ahead is a date so many days from now, as the command line takes it. */
function ahead(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

test("she is told that the vault moves, and where to, until it is taken back", () => inChromium(async (visit) => {
  const origin = "https://new.example";
  await c.vault.steward.run("steward", "farewell", "moving", "--to", origin, "--stops", ahead(35), "--last", ahead(60), "--yes");
  for (const language of ["ar", "en"]) {
    const h = await enters(visit, c, language);
    await h.sees(h.say("mine.farewell.moving", { origin }));
    await h.sees(h.say("mine.farewell.same"));
    const shots = process.env["TESTIMONY_SHOTS"];
    if (shots) await h.page.screenshot({ path: `${shots}/farewell-${language}.png`, fullPage: true });
  }
  await c.vault.steward.run("steward", "farewell", "closing", "--stops", ahead(35), "--last", ahead(60), "--yes");
  const h = await enters(visit, c, "uk");
  await h.sees(h.say("mine.farewell.closing"));
  await h.sees(h.say("mine.farewell.keep"));
}));
