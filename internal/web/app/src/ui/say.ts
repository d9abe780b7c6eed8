// What is said without being asked: to the ear by a live region, to the eye by a
// notice above the page.

import type { Child } from "./el.ts";

// say has a screen reader speak a short text.
export function say(text: string): void {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

// notice shows something that stays until it is taken away by notice().
export function notice(...what: Child[]): void {
  const place = document.getElementById("notice");
  if (!place) return;
  const nodes = what.filter((c): c is Node | string => c !== undefined && c !== false);
  place.replaceChildren(...nodes);
  place.hidden = nodes.length === 0;
}
