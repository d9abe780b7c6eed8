// Hearing an instruction. A clip is short, in the language of the page, and fetched when
// she presses the button, never before and never by itself: a voice can give her away.
// Where nobody has spoken a text yet, there is no button; no other language speaks for it.

import { button } from "./el.ts";
import { place } from "./places.ts";
import { t } from "./texts.ts";

let speaking: { clip: HTMLAudioElement; quiet: () => void } | undefined;

// listenTo makes the button for the text of a key, or nothing.
export function listenTo(key: string): HTMLElement | undefined {
  const path = place(`media/${key}.ogg`);
  if (path === undefined) return undefined;
  const node = button(t("listen.play"), () => {
    const mine = speaking?.clip.dataset["key"] === key && node.isConnected;
    stop();
    if (!mine) play(key, path, node);
  }, "listen");
  return node;
}

function play(key: string, path: string, node: HTMLButtonElement): void {
  const clip = new Audio(path);
  clip.dataset["key"] = key;
  const quiet = (): void => {
    node.textContent = t("listen.play");
  };
  node.textContent = t("listen.stop");
  speaking = { clip, quiet };
  clip.addEventListener("ended", stop);
  clip.play().catch(stop); // a line that broke, or a browser that cannot: the text stands beside it
}

// stop falls silent, also when the page is left or hidden.
function stop(): void {
  speaking?.clip.pause();
  speaking?.quiet();
  speaking = undefined;
}

document.addEventListener("visibilitychange", stop);
