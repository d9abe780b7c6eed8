// What the pages that work with an account have besides: the lock of an idle page, and
// support without leaving. It shares its modules with the page's own script.

import { el } from "./ui/el.ts";
import { lock } from "./ui/holder.ts";
import { shared, usual, watchIdle } from "./ui/lock.ts";
import { sharedPhone } from "./ui/shared.ts";
import { watchSupport } from "./ui/support.ts";
import { loadTexts, t } from "./ui/texts.ts";

// A page that the browser freezes for Back comes back locked.
window.addEventListener("pagehide", (event) => {
  if (event.persisted) lock();
});

async function main(): Promise<void> {
  await loadTexts("common");
  watchIdle(sharedPhone() ? shared : usual);
  watchSupport();
  if (sharedPhone()) document.querySelector("footer")?.prepend(el("p", { class: "quiet" }, t("shared.on")));
}

void main();
