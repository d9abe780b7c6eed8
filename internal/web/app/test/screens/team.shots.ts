// The stewards' console, in a vault where somebody waits to be vouched for.
import type { Page } from "playwright-core";
import { join } from "node:path";
import { world, type World } from "../world.ts";
import type { Shot } from "./shot.ts";

const room = (page: Page, n: number) => page.locator("nav.rooms button").nth(n).click();

async function signIn(page: Page, url: string, words: string, language: string): Promise<void> {
  await page.goto(`${url}/${language}/team`);
  await page.locator("#view button.main").click();
  await page.locator("#words").fill(words);
  await page.locator("form button[type=submit]").click();
  await page.locator("nav.rooms").waitFor();
}

/** partners shows an agreement in force, the question before stopping it, and the desk of an officer. */
async function partners(page: Page, vault: World, language: string, take: (name: string) => Promise<void>): Promise<void> {
  const officers = [];
  for (const name of ["one", "two"]) {
    const { invitation } = JSON.parse((await vault.steward.run("steward", "invite", "partner", "--json")).out) as { invitation: string };
    const who = vault.person(name);
    const { account } = JSON.parse((await who.run("partner", "enrol", "--words-out", who.wordsFile, "--invitation", invitation, "--json")).out) as { account: string };
    officers.push({ who, account });
  }
  const until = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
  await vault.steward.run("steward", "agree", "--name", "Women for Memory", ...officers.flatMap((o) => ["--officer", o.account]), "--scopes", "deliver,follow", "--until", until, "--yes");
  const file = join(vault.folder, "program.key");
  const { client } = JSON.parse((await vault.person("nobody").run("partner", "key", file, "--json")).out) as { client: string };
  await officers[0]?.who.run("partner", "register", client, `${file}.pub`, "--until", until, "--yes");
  await room(page, 2);
  await page.locator("article [data-state=in-force]").waitFor();
  await take("team-partners");
  await page.goto(`${vault.url}/${language}/team`);
  await page.locator("#view .choices").nth(1).locator("button").first().click();
  await page.locator("#words").fill(officers[1]?.who.words() ?? "");
  await page.locator("form button[type=submit]").click();
  await page.locator("[data-state=waiting]").waitFor();
  await take("team-officer");
  await page.locator("li button.main").first().click();
  await page.locator("li .notice button").first().waitFor();
  await take("team-officer-signs");
}

export const shots: readonly Shot[] = [{
  name: "team", way: true,
  show: async (page, _, language, { take, allow }) => {
    allow(/404|401|Failed to load resource/);
    const vault = await world();
    try {
      const reader = vault.person("reader");
      await reader.run("researcher", "enrol", "--words-out", reader.wordsFile, "--name", "Dr. Oksana Lys", "--institution", "Archive of Voices", "--purpose", "to listen");
      await page.goto(`${vault.url}/${language}/team`);
      await page.locator("#view button.main").waitFor();
      await take("team-door");
      await page.locator("#view button").nth(1).click();
      await page.locator("#name").fill("سعاد");
      await page.locator("#view button.main").click();
      await page.locator("ol.grid li").first().waitFor();
      await take("team-words");
      const line = await page.locator("code").innerText();
      await signIn(page, vault.url, vault.steward.words(), language);
      await page.getByText("Dr. Oksana Lys").waitFor();
      await take("team-applications");
      await page.locator("article button.main, article .actions button").first().click();
      await page.locator(".actions button").nth(1).waitFor();
      await take("team-question");
      await page.locator("article .notice button").first().click();
      await page.locator("article").waitFor({ state: "detached" });
      await take("team-none");
      for (const [n, name] of [[1, "team-researchers"], [3, "team-roster"]] as const) {
        await room(page, n);
        await page.locator("ul.cards li, article").first().waitFor();
        await take(name);
      }
      await page.locator("section input").first().fill(line);
      await page.locator("section:has(input) button").first().click();
      await page.locator("section .notice button").first().waitFor();
      await take("team-proposal");
      await room(page, 4);
      await page.locator(".actions button").first().click();
      await page.locator("section code").waitFor();
      await take("team-invitation");
      await room(page, 5);
      await page.locator("dl.facts").waitFor();
      await take("team-state");
      await partners(page, vault, language, take);
    } finally {
      await vault.stop();
    }
  },
}];
