// The stewards' console, in a vault where somebody waits to be vouched for.
import type { Page } from "playwright-core";
import { world } from "../world.ts";
import type { Shot } from "./shot.ts";

const room = (page: Page, n: number) => page.locator("nav.rooms button").nth(n).click();

async function signIn(page: Page, url: string, words: string, language: string): Promise<void> {
  await page.goto(`${url}/${language}/team`);
  await page.locator("#view button.main").click();
  await page.locator("#words").fill(words);
  await page.locator("form button[type=submit]").click();
  await page.locator("nav.rooms").waitFor();
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
      for (const [n, name] of [[1, "team-researchers"], [2, "team-roster"]] as const) {
        await room(page, n);
        await page.locator("ul.cards li, article").first().waitFor();
        await take(name);
      }
      await page.locator("section input").first().fill(line);
      await page.locator("section:has(input) button").first().click();
      await page.locator("section .notice button").first().waitFor();
      await take("team-proposal");
      await room(page, 3);
      await page.locator(".actions button").first().click();
      await page.locator("section code").waitFor();
      await take("team-invitation");
      await room(page, 4);
      await page.locator("dl.facts").waitFor();
      await take("team-state");
    } finally {
      await vault.stop();
    }
  },
}];
