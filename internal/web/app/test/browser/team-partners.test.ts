// Partners and their keys in real browsers: two stewards agree with an organisation, its two officers sign for a key and change it
// without a gap, one steward stops all of it. And a vault that lies about each of these is told so.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Locator, Page, Route } from "playwright-core";
import { keysOf } from "../../src/core/client.ts";
import { newId } from "../../src/core/names.ts";
import { saying, sign, type Saying } from "../../src/core/statement.ts";
import { day, dayOf } from "../../src/core/terms.ts";
import { somebody } from "../somebody.ts";
import { world, type World } from "../world.ts";
import { noViolations } from "./axe.ts";
import { inChromium } from "./chromium.ts";

let vault: World;
let second: string; // words of the second steward
const officers: { words: string; account: string }[] = [];
let client: string; // the program's id

before(async () => {
  vault = await world();
  await vault.steward.run("steward", "join");
});
after(() => vault.stop());

const named = (page: Page | Locator, name: string) => page.getByRole("button", { name, exact: true });

async function signIn(page: Page, words: string, lang = "en", door = "I am a steward"): Promise<void> {
  await page.goto(`${vault.url}/${lang}/team`);
  await named(page, door).click();
  await page.locator("#words").fill(words);
  await page.locator("form button[type=submit]").click();
}

async function steward(page: Page, words: string): Promise<void> {
  await signIn(page, words);
  await page.locator("nav.rooms").waitFor();
}

async function partners(page: Page): Promise<void> {
  await named(page.locator("nav.rooms"), "Partners").click();
  await page.getByRole("heading", { name: "Agree with a partner" }).waitFor();
}

const words = (page: Page) => page.locator("ol.grid li").allTextContents();

test("a second steward is taken in, and from then on both must agree", () => inChromium(async ({ page }) => {
  await page.goto(`${vault.url}/en/team`);
  await named(page, "I am to become a steward").click();
  await page.locator("#name").fill("Nadia");
  await named(page, "Make my words").click();
  await page.locator("ol.grid li").first().waitFor();
  second = (await words(page)).join(" ");
  const line = await page.locator("code").innerText();
  await steward(page, vault.steward.words());
  await named(page.locator("nav.rooms"), "Stewards").click();
  await page.getByLabel(/NAME=KEY/).fill(line);
  await page.getByLabel(/How many must agree/).fill("2");
  await named(page, "Show what would be signed").click();
  await named(page, "Yes, sign this list").click();
  await page.getByText("2 of 2 stewards must agree.").waitFor();
  await steward(page, second);
}));

test("officers make their words and open an account with a steward's invitation", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/404/); // to an account that is no officer yet, there are no partners
  while (officers.length < 2) {
    const { invitation } = JSON.parse((await vault.steward.run("steward", "invite", "partner", "--json")).out) as { invitation: string };
    await page.goto(`${vault.url}/en/team`);
    await noViolations(page);
    await named(page, "I am to become an officer").click();
    await named(page, "Make my words").click();
    await page.locator("ol.grid li").first().waitFor();
    await noViolations(page);
    const made = (await words(page)).join(" ");
    const account = (await page.locator("code.fingerprint").innerText()).replaceAll(" ", "");
    await signIn(page, made, "en", "I am an officer");
    await page.locator("#invitation").fill(invitation);
    await noViolations(page);
    await named(page, "Open the account").click();
    await page.getByText("No agreement that counts names this account.").waitFor();
    assert.equal((await page.locator("code.fingerprint").innerText()).replaceAll(" ", ""), account);
    officers.push({ words: made, account });
  }
}));

test("two stewards sign the very same agreement, and only then it counts", () => inChromium(async ({ page }) => {
  await steward(page, vault.steward.words());
  await partners(page);
  await page.getByText("There is no partner yet.").waitFor();
  await page.getByLabel("Name of the organisation").fill("Women for Memory <b>");
  await page.getByLabel(/Accounts of its officers/).fill(officers.map((o) => o.account.replace(/(.{4})/g, "$1 ")).join("\n"));
  await page.getByLabel("bring locked things into trays").check();
  await page.getByLabel(/hear when consent ends/).check();
  await named(page, "Show what would be signed").click();
  await page.getByText("You sign exactly this:").waitFor();
  await noViolations(page);
  await named(page, "Yes, sign this").click();
  const card = page.locator("article", { hasText: "Women for Memory <b>" });
  await card.getByText("Waits for more stewards").waitFor();
  await card.getByText("1 of 2 stewards have signed").waitFor();
  assert.equal(await named(card, "Sign the same").count(), 0, "nobody agrees twice");
  await noViolations(page);
  await steward(page, second);
  await partners(page);
  await named(card, "Sign the same").click();
  for (const o of officers) await card.locator(".notice code", { hasText: o.account.slice(0, 4) }).first().waitFor();
  await named(card, "Yes, sign this").click();
  await card.locator("[data-state=in-force]").waitFor();
  await card.getByText(/2 of 2 stewards have signed/).waitFor();
}));

async function newKey(name: string, ...more: string[]): Promise<{ client: string; key: string; jwk: string }> {
  const file = join(vault.folder, name);
  const made = JSON.parse((await vault.person("nobody").run("partner", "key", file, "--json", ...more)).out) as { client: string; key: string };
  return { ...made, jwk: readFileSync(`${file}.pub`, "utf8") };
}

const desk = async (page: Page, n: 0 | 1): Promise<void> => {
  await signIn(page, officers[n]?.words ?? "", "en", "I am an officer");
  await page.getByRole("heading", { name: "Keys of our programs" }).waitFor();
};

const card = (page: Page, key: string) => page.locator("ul.cards > li", { hasText: key.slice(0, 4) + " " + key.slice(4, 8) });

async function registers(page: Page, k: { client: string; jwk: string }, scope: string): Promise<void> {
  await page.getByLabel(/Id of the program/).fill(k.client);
  await page.getByLabel(/Public key/).fill(k.jwk);
  await page.getByRole("checkbox", { name: scope }).check();
  await named(page, "Show what would be signed").click();
  await page.getByText("You sign exactly this:").waitFor();
  await noViolations(page);
  await named(page, "Yes, sign this").click();
}

test("two officers sign for a key, change it with an overlap, and one of them ends the old one", () => inChromium(async ({ page }) => {
  const [first, next] = [await newKey("first.key"), { client: "", key: "", jwk: "" }];
  client = first.client;
  const checks = async (name: string) => (await vault.person("nobody").tries("partner", "check", join(vault.folder, name), client)).code;
  await desk(page, 0);
  await registers(page, first, "bring locked things into trays");
  await card(page, first.key).locator("[data-state=waiting]").waitFor();
  assert.equal(await named(card(page, first.key), "Sign the same for this key").count(), 0, "nobody signs twice");
  assert.equal(await checks("first.key"), 3);
  await noViolations(page);
  await desk(page, 1);
  await named(card(page, first.key), "Sign the same for this key").click();
  await page.getByText("You sign exactly this:").waitFor();
  await named(page, "Yes, sign this").click();
  await card(page, first.key).locator("[data-state=in-force]").waitFor();
  assert.equal(await checks("first.key"), 0);

  Object.assign(next, await newKey("next.key", "--client", client));
  await page.getByLabel(/Id of the program/).fill(client);
  await page.getByText("This program has keys already.").waitFor();
  await registers(page, next, "hear when consent ends, and answer");
  await card(page, next.key).locator("[data-state=waiting]").waitFor();
  await desk(page, 0);
  await named(card(page, next.key), "Sign the same for this key").click();
  await named(page, "Yes, sign this").click();
  await card(page, next.key).locator("[data-state=in-force]").waitFor();
  assert.deepEqual([await checks("first.key"), await checks("next.key")], [0, 0], "both count for a while");
  await named(card(page, first.key), "End this key").click();
  await noViolations(page);
  await named(page, "Yes, stop it now").click();
  await card(page, first.key).locator("[data-state=retired]").waitFor();
  assert.deepEqual([await checks("first.key"), await checks("next.key")], [3, 0]);
}));

type Json = Record<string, unknown>;

/** lying changes an answer of the vault on its way. */
async function lying(page: Page, path: RegExp, lie: (answer: Json) => void): Promise<void> {
  await page.route(path, async (route: Route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as Json;
    lie(answer);
    await route.fulfill({ response, json: answer });
  });
}

/** forged is a statement that is well signed, by somebody who is nobody here. */
async function forged(what: Saying): Promise<string> {
  const stranger = somebody(vault).c;
  const pen = { signer: keysOf(stranger), vault: vault.vault, now: Date.now() / 1000, random: stranger.random };
  return (await sign(pen, { seq: 1, sha256: "A".repeat(43) }, what)).compact;
}

test("an invented partner is named as that, and cannot be joined", () => inChromium(async ({ page }) => {
  const from = dayOf(Date.now() / 1000);
  const partner = newId(somebody(vault).c.random);
  const agree = await forged(saying("agree", {
    partner, name: "Invented", officers: officers.map((o) => o.account).sort(), scopes: ["collect"], from, until: from + 30 * day,
  }));
  await lying(page, /\/v1\/partners(\?.*)?$/, (a) => void (a["partners"] as Json[]).push({ partner, agrees: [agree], halts: [], halted: [], in_force: "A".repeat(43) }));
  await steward(page, vault.steward.words());
  await partners(page);
  const invented = page.locator("article", { hasText: "A partner that no steward knows" });
  await invented.getByText("No steward has ever signed this.").waitFor();
  await invented.getByText("The vault says that an agreement counts here.").waitFor();
  assert.equal(await named(invented, "Sign the same").count(), 0);
  assert.equal(await page.getByLabel("With whom").locator("option").count(), 2, "nobody is offered who is invented");
  await noViolations(page);
}));

test("an agreement that one steward did not sign does not count, whatever the vault says", () => inChromium(async ({ page }) => {
  await lying(page, /\/v1\/partners(\?.*)?$/, (a) => {
    for (const p of a["partners"] as Json[]) p["agrees"] = (p["agrees"] as string[]).slice(0, 1);
  });
  await steward(page, vault.steward.words());
  await partners(page);
  const one = page.locator("article", { hasText: "Women for Memory" });
  await one.getByText("1 of 2 stewards have signed").waitFor();
  await one.getByText("The vault says that an agreement counts here.").waitFor();
  assert.equal(await one.locator("[data-state=in-force]").count(), 0);
  await desk2(page, "No agreement that counts names this account.");
}));

/** desk2 signs in as an officer on a page on which the vault lies. */
async function desk2(page: Page, told: string): Promise<void> {
  await signIn(page, officers[0]?.words ?? "", "en", "I am an officer");
  await page.getByText(told).first().waitFor();
}

test("a key that no officer or one only signed for does not count, and is never the next to sign", () => inChromium(async ({ page }) => {
  const from = dayOf(Date.now() / 1000);
  const stranger = somebody(vault).c;
  const jwk = { crv: "Ed25519", kty: "OKP", x: keysOf(stranger).thumbprint } as const;
  await page.route(/\/v1\/partners\/[^/]+\/clients/, async (route: Route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as { clients: { client: string; clients: string[]; live: string[] }[] };
    const partner = /partners\/([a-z2-7]+)\//.exec(route.request().url())?.[1] ?? "";
    const fresh = newId(stranger.random);
    const text = await forged(saying("client", { partner, client: fresh, jwk, scopes: ["deliver"], from, until: from + 30 * day }));
    for (const one of answer.clients) one.clients = one.clients.filter((_, i) => i % 2 === 0); // one officer of each key
    answer.clients.push({ client: fresh, clients: [text], retires: [], retired: [], live: [jwk.x] } as never);
    await route.fulfill({ response, json: answer });
  });
  await desk2(page, "Keys of our programs");
  const theirs = page.locator("ul.cards > li", { hasText: "No officer has signed for this key." });
  await theirs.getByText("1 person who is no officer has signed too.").waitFor();
  assert.equal(await named(theirs, "Sign the same for this key").count(), 0);
  assert.equal(await page.locator("[data-state=in-force]").count(), 0);
  await noViolations(page);
}));

test("one steward stops a partner at once, and sees whose keys it had", () => inChromium(async (visit) => {
  const { page } = visit;
  visit.allow(/404/);
  await steward(page, second);
  await partners(page);
  const one = page.locator("article", { hasText: "Women for Memory" });
  await named(one, "Show the keys of its programs").click();
  await one.locator("ul.cards [data-state=in-force]").waitFor();
  assert.equal(await one.locator("ul.cards [data-state=retired]").count(), 1);
  await noViolations(page);
  await named(one, "Stop this partner").click();
  await named(one, "No").click();
  await named(one, "Stop this partner").click();
  await noViolations(page);
  await named(one, "Yes, stop it now").click();
  await one.locator("[data-state=halted]").waitFor();
  assert.equal((await vault.person("nobody").tries("partner", "check", join(vault.folder, "next.key"), client)).code, 3);
  await desk2(page, "No agreement that counts names this account.");
}));
