// Her vault, with the command line as the other side.
import type { Page } from "playwright-core";
import { newClient } from "../../src/core/client.ts";
import { pauseByCode } from "../../src/core/pauses.ts";
import { cast, hands, home, type Cast, type Hands, type Json } from "../browser/minecast.ts";
import type { Camera, Shot } from "./shot.ts";

const quiet = /ERR_ABORTED|404|401|Failed to load resource/;
const story = "كنت في البيت حين سمعت الطائرات.\n\nI was at home.";

const inHerVault = (name: string, walk: (h: Hands, c: Cast, camera: Camera, language: string) => Promise<void>): Shot => ({
  name, way: true,
  show: async (page: Page, _, language, camera) => {
    camera.allow(quiet);
    const c = await cast();
    try {
      await walk(hands(page, language), c, camera, language);
    } finally {
      await c.vault.stop();
    }
  },
});

async function enters(h: Hands, c: Cast, language: string, take: Camera["take"] = () => Promise.resolve()): Promise<void> {
  await h.page.goto(`${c.vault.url}/${language}/notes`);
  await h.press("mine.open");
  await h.page.getByLabel(h.say("unlock.label"), { exact: true }).waitFor();
  await take("mine-unlock");
  await h.page.getByLabel(h.say("unlock.label"), { exact: true }).fill(c.her.words());
  await h.press("unlock.open");
  await h.heading("mine.heading");
}

const title = "الشتاء Winter";

const giving = inHerVault("mine", async (h, c, { take }, language) => {
  const testimony = await c.adds(title, story, "second");
  await enters(h, c, language, take);
  await take("mine-list");
  await h.pressText(new RegExp(title));
  await h.page.getByRole("heading", { level: 1, name: title }).waitFor();
  await take("mine-testimony");
  await h.pressText(new RegExp(`^${h.say("mine.part", { n: 1 })}`));
  await h.heading("mine.part", { n: 1 });
  await h.press("mine.open.part");
  await h.sees("I was at home.");
  await h.press("mine.save.copy");
  await take("mine-part");
  await h.back();
  await h.press("mine.give");
  await h.heading("mine.give.who");
  await take("mine-give-who");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.give");
  await take("mine-give");
  await h.press("mine.give.next");
  await h.sees(h.say("mine.give.noparts"));
  await take("mine-give-noparts");
  await h.tick(h.say("mine.part", { n: 1 }));
  await h.press("mine.give.next");
  await h.heading("mine.give.question");
  await take("mine-give-question");
  await h.press("mine.yes");
  await h.heading("mine.give.given");
  await take("mine-given");
  const grant = String(((await c.json("show", testimony))["grants"] as Json[])[0]?.["grant"]);
  await c.reader.run("researcher", "open", grant, "1", "--show");
  await c.reader.run("researcher", "ask", grant, "--purpose", "Publication");
  await home(h);
  await h.pressText(new RegExp(title));
  await h.press("mine.access.see");
  await h.heading("mine.access.heading");
  await take("mine-access");
  await h.pressText(/Dr\. Leyla Haddad/);
  await h.heading("mine.grant");
  await take("mine-grant");
  await h.press("mine.notnow");
  await h.heading("mine.notnow");
  await take("mine-notnow");
  await h.back();
  await h.press("mine.narrow");
  await h.heading("mine.narrow");
  await take("mine-narrow");
  await h.back();
  await h.press("mine.renew");
  await h.heading("mine.renew");
  await take("mine-renew");
  await h.back();
  await h.press("mine.revoke");
  await h.heading("mine.revoke");
  await take("mine-revoke");
  await h.press("mine.revoke.yes");
  await h.heading("mine.revoke.done");
  await take("mine-revoked");
  await c.reader.run("reply", grant, "--kept", "أحتاجها في المحكمة");
  await home(h);
  await h.press("mine.menu.taken");
  await h.heading("mine.menu.taken");
  await take("mine-taken");
  await home(h);
  await h.pressText(new RegExp(title));
  await h.press("mine.feed");
  await h.heading("mine.feed");
  await take("mine-feed");
  await h.back();
  await h.press("mine.policies");
  await h.heading("mine.policies");
  await take("mine-policies");
  await h.press("mine.policy.make");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.policy.make");
  await take("mine-policy");
  for (let i = 0; i < 3; i++) await h.back();
  await h.press("mine.edit");
  await h.heading("mine.edit");
  await take("mine-edit");
  await h.back();
  await h.press("mine.erase");
  await h.heading("mine.erase");
  await h.press("mine.erase.yes");
  await take("mine-erase");
  await h.fill(h.say("mine.erase.type", { word: h.say("mine.erase.word") }), h.say("mine.erase.word"));
  await h.press("mine.erase.yes");
  await h.heading("mine.erase.done");
  await take("mine-erased");
});

const all = inHerVault("mine-all", async (h, c, { take }, language) => {
  const testimony = await c.adds(title, story);
  await c.her.run("grant", testimony, "--to", c.account, "--parts", "1", "--yes");
  await enters(h, c, language);
  await h.press("mine.menu.takeback");
  await h.heading("mine.takeback");
  await take("mine-takeback");
  await home(h);
  for (const [room, name] of [["check", "mine-check"], ["settings", "mine-settings"], ["trusts", "mine-trusts"]] as const) {
    await h.press(`mine.menu.${room}`);
    await h.heading(`mine.menu.${room}`);
    await take(name);
    await home(h);
  }
  await h.press("mine.menu.pause");
  await h.heading("mine.menu.pause");
  await take("mine-pause");
  await h.press("mine.code.make");
  await h.heading("mine.code.heading");
  await take("mine-code");
  const code = (await h.page.locator("p.code").textContent()) ?? "";
  await pauseByCode(newClient({ server: c.vault.url, vault: c.vault.vault }), code);
  await enters(h, c, language);
  await h.sees(h.say("mine.standing.bycode"));
  await take("mine-paused");
});

const doubt = inHerVault("mine-doubt", async (h, c, { take }, language) => {
  const testimony = await c.adds(title, story);
  await enters(h, c, language);
  await h.page.route((url) => url.pathname === `/v1/testimonies/${testimony}`, async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as Json;
    const parts = answer["parts"] as Json[];
    await route.fulfill({ response, json: Object.assign(answer, { parts: [...parts, Object.assign({}, parts[0], { n: 2 })] }) });
  });
  await h.pressText(new RegExp(title));
  await h.sees(h.say("fault.planted"));
  await take("mine-doubt");
});

const keeping = inHerVault("mine-keeping", async (h, c, { take }, language) => {
  await c.adds(title, story);
  const one = c.vault.person("rana");
  await one.run("enrol", "--yes", "--words-out", one.wordsFile);
  const offered = JSON.parse((await one.run("trustee", "offer", "--json")).out) as { account: string };
  await h.page.addInitScript(() => Object.assign(globalThis, { showSaveFilePicker: undefined }));
  await enters(h, c, language);
  await h.pressText(new RegExp(title));
  await h.pressText(new RegExp(`^${h.say("mine.part", { n: 1 })}`));
  await h.heading("mine.part", { n: 1 });
  await h.press("mine.relock");
  await h.heading("mine.relock");
  await take("mine-relock");
  await h.press("mine.relock.yes");
  await h.heading("mine.relock.done");
  await take("mine-relocked");
  await home(h);
  await h.press("mine.menu.settings");
  await h.press("mine.settings.takeout");
  await h.heading("mine.settings.takeout");
  await h.press("mine.takeout.yes");
  await h.sees(h.say("mine.takeout.done"));
  await h.press("mine.takeout.keymake");
  await take("mine-takeout");
  await h.back();
  await h.press("mine.settings.recovery");
  await h.heading("mine.settings.recovery");
  await take("mine-recovery");
  await h.press("mine.recovery.choose");
  await h.heading("mine.recovery.choose");
  await h.fill(h.say("mine.policy.trustee"), offered.account);
  await h.press("mine.policy.add");
  await take("mine-recovery-choose");
  await h.back();
  await h.press("mine.lost.go");
  await h.heading("mine.lost");
  await h.fill(h.say("mine.lost.number"), offered.account);
  await h.press("mine.lost.claim");
  await h.sees(h.say("mine.lost.readout"));
  await take("mine-lost");
});

export const shots: readonly Shot[] = [giving, all, doubt, keeping];
