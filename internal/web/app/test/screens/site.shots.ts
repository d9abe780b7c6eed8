// The pages without an account.
import type { Shot } from "./shot.ts";

export const shots: readonly Shot[] = [
  { name: "root", show: (page, { url }) => page.goto(url) },
  { name: "start", show: (page, { url }, language) => page.goto(`${url}/${language}/`) },
  {
    name: "start-answered",
    show: async (page, { url }, language) => {
      await page.goto(`${url}/${language}/`);
      for (const name of ["shared", "near"]) await page.check(`input[name=${name}][value=yes]`);
    },
  },
  { name: "help", show: (page, { url }, language) => page.goto(`${url}/${language}/help`) },
  { name: "about", show: (page, { url }, language) => page.goto(`${url}/${language}/about`) },
  { name: "notes", show: (page, { url }, language) => page.goto(`${url}/${language}/notes`) },
  {
    name: "support",
    show: async (page, { url }, language) => {
      await page.goto(`${url}/${language}/notes`);
      await page.click("a[data-support]");
      await page.waitForSelector("dialog article");
    },
  },
  {
    name: "idle",
    show: async (page, { url }, language) => {
      await page.clock.install();
      await page.goto(`${url}/${language}/notes`);
      await page.waitForSelector("#view button");
      await page.clock.runFor("05:05");
      await page.waitForSelector("#idle");
    },
  },
  { name: "blank", show: (page, { url }) => page.goto(`${url}/blank`) },
];
