// What was found in a file, in plain words.

import { el, theirs } from "../ui/el.ts";
import { t, type Key } from "../ui/texts.ts";
import type { Found } from "./strip/found.ts";

// The words are "tell.found.*", by the kind of trace.
export function foundList(found: readonly Found[]): HTMLElement {
  const lines = found.map((f) => {
    const name = t(("tell.found." + f.trace) as Key);
    return el("li", {}, name, f.value !== "" && ": ", f.value !== "" && theirs(f.value));
  });
  return el("div", { class: "found" }, el("p", {}, t("tell.files.found")), el("ul", {}, ...lines));
}

