// What every page of the site has, before and beside whatever else it does: the way out,
// nothing to see in the background, the practice banner. It is a small script of its own,
// so that leaving works while the rest of a page is still on a slow line.

import { watchExit } from "./ui/exit.ts";
import { watchHidden } from "./ui/hide.ts";
import { showPractice } from "./ui/practice.ts";

watchExit();
watchHidden();
void showPractice();

// A link within the site replaces the page, so that the history has one entry of it at
// most, which leaving replaces. New tabs, when she asks for one, stay as they are.
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.origin !== location.origin || link.target !== "" || link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  location.replace(link.href);
});
