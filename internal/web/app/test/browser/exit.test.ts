// Leaving: at once, for good, with nothing left. And what is shown while nobody looks.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { world, type World } from "../world.ts";
import { inChromium, openChromium } from "./chromium.ts";
import { inFirefox, openFirefox } from "./firefox.ts";
import { bytesIn } from "./telling.ts";

let vault: World;

before(async () => {
  vault = await world();
});

after(() => vault.stop());

/** deep goes through several pages and views, as a person does. */
async function deep(page: Page): Promise<void> {
  await page.goto(vault.url + "/");
  await page.click("a[hreflang=en]");
  await page.click("a[href='/en/help'].choice");
  await page.click("article ~ .choices a");
  await page.click("a.main");
  await page.waitForSelector("#view > *");
  for (const depth of [2, 3]) await page.evaluate((d) => {
    history.pushState({ depth: d }, "");
  }, depth);
}

test("the button and Shift, three times, empty the page at once and lead to the neutral page", () => inChromium(async ({ page }) => {
  for (const way of ["button", "shift"]) {
    await page.goto(`${vault.url}/en/notes`);
    await page.waitForSelector("#view > *");
    if (way === "button") {
      // In the very task of the click the page is empty.
      assert.equal(await page.evaluate(() => {
        document.getElementById("exit")?.click();
        return document.querySelector("body");
      }), null);
    } else {
      for (let i = 0; i < 3; i++) await page.keyboard.press("Shift");
    }
    await page.waitForURL("**/blank");
    assert.equal(await page.title(), "Notes");
    assert.equal(await page.locator("textarea").count(), 1);
  }
}));

test("Shift for writing capitals does not leave", () => inChromium(async ({ page }) => {
  await page.goto(`${vault.url}/en/notes`);
  await page.waitForSelector("#view > *");
  for (const key of ["Shift", "A", "Shift", "B", "Shift", "C", "Shift", "Shift", "d"]) await page.keyboard.press(key);
  assert.match(page.url(), /\/en\/notes$/);
  assert.ok(await page.evaluate("document.body !== null"));
}));

test("Back and Forward do not return to the site", () => inChromium(async ({ page }) => {
  await deep(page);
  await page.goBack(); // one view lies ahead now
  await page.click("#exit");
  await page.waitForURL("**/blank");
  await page.locator("textarea").fill("bread, milk");
  for (let i = 0; i < 5; i++) {
    await page.goForward();
    assert.match(page.url(), /\/blank$/);
  }
  for (let i = 0; i < 8; i++) {
    await page.goBack();
    assert.match(page.url(), /\/blank$|^about:blank$/);
  }
}));

test("Back does not return in Firefox", () => inFirefox(async ({ page }) => {
  await page.goto(vault.url + "/");
  await Promise.all([page.waitForNavigation(), page.click("a[hreflang=en]")]);
  await Promise.all([page.waitForNavigation(), page.click("a.main")]);
  await page.waitForSelector("#view > *");
  await page.evaluate(() => {
    history.pushState({ depth: 2 }, "");
  });
  for (let i = 0; i < 3; i++) await page.keyboard.press("Shift");
  await page.waitForFunction(() => location.pathname === "/blank");
  for (let i = 0; i < 6; i++) {
    await page.goBack({ timeout: 3_000 }).catch(() => null); // there is nothing behind
    assert.match(page.url(), /\/blank$|^about:/);
  }
}));

test("all tabs of the site leave together", () => inChromium(async (visit) => {
  const { page } = visit;
  await page.goto(`${vault.url}/en/notes`);
  const second = await visit.another();
  await second.goto(`${vault.url}/fr/about`);
  await second.click("#exit");
  await Promise.all([page.waitForURL("**/blank"), second.waitForURL("**/blank")]);
}));

test("what asks before a page is closed does not ask when she leaves", () => inChromium(async ({ page }) => {
  await page.goto(`${vault.url}/en/`);
  await page.check("input[value=yes] >> nth=0");
  await page.evaluate(() => {
    window.addEventListener("beforeunload", (event) => {
      event.preventDefault();
    });
  });
  let asked = false;
  page.on("dialog", (dialog) => {
    asked = true;
    void dialog.accept();
  });
  await page.click("#exit");
  await page.waitForURL("**/blank");
  assert.equal(asked, false);
}));

test("storages are empty when she has left, whatever was in them", () => inChromium(async ({ page }) => {
  await page.goto(`${vault.url}/en/`);
  await page.evaluate(async () => {
    sessionStorage.setItem("a", "b");
    window["local" + "Storage" as "localStorage"].setItem("a", "b");
    document.cookie = "a=b";
    await caches.open("a");
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open("a");
      opening.onsuccess = () => {
        opening.result.close();
        resolve();
      };
      opening.onerror = () => reject(new Error("no database"));
    });
  });
  await page.click("#exit");
  await page.waitForURL("**/blank");
  assert.deepEqual(await page.evaluate(async () => ({
    session: sessionStorage.length, local: window["local" + "Storage" as "localStorage"].length, cookies: document.cookie,
    caches: await caches.keys(), databases: await indexedDB.databases(),
  })), { session: 0, local: 0, cookies: "", caches: [], databases: [] });
}));

test("a page that nobody sees is empty, and comes back as it was", () => inChromium(async ({ page }) => {
  await page.goto(`${vault.url}/en/`);
  const turn = (state: string) => page.evaluate((s) => {
    Object.defineProperty(document, "visibilityState", { value: s, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
    return document.body.checkVisibility({ visibilityProperty: true });
  }, state);
  assert.equal(await turn("hidden"), false);
  assert.equal(await turn("visible"), true);
}));

const typed = "Zahra-7319-Zabadani"; // what she writes
const shown = "lived through"; // of the first page

/** traces are the files of a folder that contain a text, in the encodings that browsers write. */
function traces(folder: string, text: string): string[] {
  const spellings = [Buffer.from(text, "utf8"), Buffer.from(text, "utf16le"), Buffer.from(Buffer.from(text).toString("base64").replace(/=+$/, "").slice(0, -2))];
  return [...bytesIn(folder)].filter(([, bytes]) => spellings.some((spelling) => bytes.includes(spelling))).map(([name]) => name);
}

const often = { preferences: { "browser.sessionstore.interval": 500 } }; // Firefox writes its session every fifteen seconds

/** comes waits, a while, for what a browser writes when it likes. */
async function comes(there: () => boolean): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (there()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail("it was not written");
}

test("the search finds what a browser does keep", async () => {
  const visit = await openChromium();
  await visit.page.goto(`${vault.url}/en/?${typed}`);
  await visit.close();
  assert.notDeepEqual(traces(visit.profile, typed), [], "an address is in the history");
});

test("the search finds what Chromium keeps of a field that does not forbid it", async () => {
  const visit = await openChromium();
  await visit.page.goto(`${vault.url}/en/about`);
  await visit.page.evaluate(() => document.querySelector("main")?.append(document.createElement("textarea")));
  await visit.page.locator("textarea").fill(typed);
  await visit.page.goto(`${vault.url}/en/`);
  await visit.close();
  assert.notDeepEqual(traces(visit.profile, typed), [], "this is why every field of the site says autocomplete=off");
});

test("a visit with typed text leaves neither it nor the pages in Chromium's profile", async () => {
  const visit = await openChromium();
  const { page } = visit;
  await page.goto(`${vault.url}/en/`);
  await page.check("input[name=shared][value=yes]");
  await page.goto(`${vault.url}/blank`);
  await page.locator("textarea").fill(typed);
  await page.goto(`${vault.url}/en/about`); // a page that is left is a page whose state is kept
  await page.close({ runBeforeUnload: false });
  await visit.close();
  assert.deepEqual([...traces(visit.profile, typed), ...traces(visit.profile, shown)], []);
  assert.deepEqual(visit.faults, []);
});

test("the search finds what Firefox does keep: an address, and a field that does not forbid it", async () => {
  const visit = await openFirefox(often);
  const { page } = visit;
  await page.goto(`${vault.url}/en/?${typed}-address`);
  await page.goto(`${vault.url}/en/about`);
  await page.evaluate(() => document.querySelector("main")?.append(document.createElement("textarea")));
  await page.type("textarea", `${typed}-field`);
  await comes(() => traces(visit.profile, `${typed}-field`).length > 0);
  await visit.close();
  assert.notDeepEqual(traces(visit.profile, `${typed}-address`), [], "an address is in the history");
});

test("a visit with typed text leaves neither it nor the pages in Firefox's profile", async () => {
  const visit = await openFirefox(often);
  const { page } = visit;
  await page.goto(`${vault.url}/en/`);
  await page.goto(`${vault.url}/blank`);
  await page.type("textarea", typed);
  await comes(() => traces(visit.profile, "/blank").some((path) => path.includes("sessionstore"))); // written while the text stood there
  await page.goto(`${vault.url}/en/about`);
  await visit.close();
  assert.deepEqual([...traces(visit.profile, typed), ...traces(visit.profile, shown)], []);
  assert.deepEqual(visit.faults, []);
});
