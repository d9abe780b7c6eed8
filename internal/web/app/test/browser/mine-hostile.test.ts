// A vault that lies to her browser: it swaps a header, a part or a reader, plants and withholds. Each lie is refused, nothing is
// signed on the strength of it, and the page says what is safe.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { inChromium } from "./chromium.ts";
import { cast, enters, gives, type Cast, type Hands, type Json } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
  const mallory = c.vault.person("mallory");
  const who = ["--name", "Mallory", "--institution", "Elsewhere", "--purpose", "Other things"];
  const said = await mallory.run("researcher", "enrol", "--words-out", mallory.wordsFile, ...who, "--json");
  await c.vault.steward.run("steward", "accredit", (JSON.parse(said.out) as { account: string }).account, "--yes");
});
after(() => c.vault.stop());

const headerLength = 1627;

/** lies changes the answers to one path on their way to the page. */
async function lies(page: Page, path: RegExp, change: (answer: Json) => object): Promise<void> {
  await page.route((url) => path.test(url.pathname), async (route) => {
    const response = await route.fetch();
    const json = change((await response.json()) as Json);
    await route.fulfill({ response, json });
  });
}

/** accused waits for the words of a failure that accuses the vault. */
async function accused(h: Hands, code: string): Promise<void> {
  await h.page.locator(`.fault[data-code="${code}"]`).first().waitFor();
  await h.sees(h.say("fault.untrusted"));
  await h.sees(h.say(`fault.${code}`));
}

async function noGrants(testimony: string): Promise<void> {
  assert.deepEqual((await c.json("show", testimony))["grants"], []);
}

test("another part's header is refused, and nothing is shared", () => inChromium(async (visit) => {
  const testimony = await c.adds("Headers", "one", "two");
  const h = await enters(visit, c, "en");
  const { page } = visit;
  let stolen: Buffer = Buffer.alloc(0);
  await page.route(/parts\/2\/content$/, async (route) => {
    const response = await route.fetch();
    stolen = (await response.body()).subarray(0, headerLength);
    await route.fulfill({ response });
  });
  await page.route(/parts\/1\/header$/, async (route) => route.fulfill({ response: await route.fetch(), body: stolen, headers: { "Content-Type": "application/octet-stream" } }));
  await h.pressText(/Headers/);
  await h.pressText(/^Part .*2/);
  await h.press("mine.open.part");
  await h.sees("two");
  await h.back();
  await h.back();
  await gives(h, "Headers");
  await h.press("mine.yes");
  await h.heading("mine.notdone");
  await accused(h, "part-swapped");
  await noGrants(testimony);
}));

test("another part's content is refused, and nothing of it is shown", () => inChromium(async (visit) => {
  await c.adds("Contents", "one", "another secret");
  const h = await enters(visit, c, "ar");
  let stolen: Buffer = Buffer.alloc(0);
  await visit.page.route(/parts\/2\/content$/, async (route) => {
    const response = await route.fetch();
    stolen = await response.body();
    await route.fulfill({ response });
  });
  await visit.page.route(/parts\/1\/content$/, async (route) => route.fulfill({ response: await route.fetch(), body: stolen }));
  await h.pressText(/Contents/);
  await h.pressText(new RegExp(`^${h.say("mine.part", { n: 2 })}`));
  await h.press("mine.open.part");
  await h.sees("another secret");
  await h.back();
  await h.pressText(new RegExp(`^${h.say("mine.part", { n: 1 })}`));
  await h.heading("mine.part", { n: 1 });
  await h.press("mine.open.part");
  await accused(h, "part-swapped");
  assert.equal(await visit.page.getByText("another secret").count(), 0);
}));

test("another reader in the place of the chosen one is refused", () => inChromium(async (visit) => {
  const testimony = await c.adds("Readers", "one");
  const h = await enters(visit, c, "ar");
  let all: Json[] = [];
  await lies(visit.page, /^\/v1\/researchers$/, (answer) => {
    all = answer["researchers"] as Json[];
    return answer;
  });
  await gives(h, "Readers");
  await h.press("mine.notnow");
  await h.heading("mine.give");
  await lies(visit.page, /\/researchers\/.+/, (answer) => all.find((one) => one["key"] !== answer["key"]) ?? assert.fail("there is nobody else"));
  await h.press("mine.give.next");
  await h.heading("mine.notdone");
  await accused(h, "recipient-swapped");
  await noGrants(testimony);
}));

test("a planted part is shown as that and cannot be chosen", () => inChromium(async (visit) => {
  const testimony = await c.adds("Planted", "one");
  const h = await enters(visit, c, "en");
  await lies(visit.page, new RegExp(`/v1/testimonies/${testimony}$`), (answer) => {
    const parts = answer["parts"] as Json[];
    return Object.assign(answer, { parts: [...parts, Object.assign({}, parts[0], { n: 2 })] });
  });
  await h.pressText(/Planted/);
  await h.sees(h.say("fault.planted"));
  await h.press("mine.give");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.give");
  assert.ok(await visit.page.getByLabel(h.say("mine.part", { n: 2 }), { exact: true }).isDisabled());
  await accused(h, "planted");
}));

test("a vault that hides a reader does not keep her from taking everything back", () => inChromium(async (visit) => {
  const testimony = await c.adds("Hidden", "one");
  await c.her.run("grant", testimony, "--to", c.account, "--parts", "1", "--yes");
  const h = await enters(visit, c, "ar");
  await lies(visit.page, new RegExp(`/v1/testimonies/${testimony}/grants$`), (answer) => Object.assign(answer, { grants: [] }));
  await h.pressText(/Hidden/);
  await accused(h, "withheld");
  await h.press("mine.takeback.one");
  await h.heading("mine.takeback");
  await h.sees(h.say("mine.takeback.unknown"));
  await h.press("mine.takeback.yes");
  await h.heading("mine.revoke.done");
  const grants = (await c.json("show", testimony))["grants"] as Json[];
  assert.equal(grants[0]?.["state"], "revoked");
}));

test("what is withheld is missed", () => inChromium(async (visit) => {
  await c.adds("Missing", "one");
  const h = await enters(visit, c, "ar");
  await lies(visit.page, /^\/v1\/testimonies$/, (answer) => Object.assign(answer, { testimonies: (answer["testimonies"] as Json[]).slice(1) }));
  await h.press("mine.menu.settings");
  await h.heading("mine.menu.settings");
  await h.back();
  await h.heading("mine.heading");
  await accused(h, "withheld");
}));
