// Hearing and seeing a part before it is sent. Nothing plays by itself. What she recorded
// here is played on the page. A file may have come from anybody, and what breaks in a
// decoder should have nothing to read: it is shown in the frame without origin or network,
// as readers see it. The frame needs all of it in memory; of a large film, which a phone
// could not hold, that is not asked.

import { button, el } from "../ui/el.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { trouble } from "../ui/trouble.ts";
import type { Part } from "./story.ts";

/** look is a button that opens a part where it stands. */
export function look(part: Part): HTMLElement {
  const place = el("div", { class: "look" });
  const kind = part.type.split("/")[0] ?? "";
  if (part.kind === "text") void part.blob.text().then((text) => place.append(el("p", { class: "excerpt", dir: "auto" }, text.slice(0, 280))));
  else if (["audio", "video", "image"].includes(kind)) place.append(button(kind === "image" ? t("tell.look.see") : t("tell.look.hear"), () => open(place, part, kind)));
  return place;
}

const mostFramed = 32 * 2 ** 20;

function open(place: HTMLElement, part: Part, kind: string): void {
  if (part.kind === "file" && part.blob.size <= mostFramed) void framed(place, part, kind);
  else plainly(place, part, kind);
}

async function framed(place: HTMLElement, part: Part, kind: string): Promise<void> {
  const left = new AbortController();
  try {
    const [{ mediaNodes }] = await Promise.all([import("../mine/media.ts"), loadTexts("making")]);
    const label = t(kind === "image" ? "tell.look.picture" : "tell.look.recording");
    const nodes = mediaNodes({ type: part.type, content: part.blob, label, cannot: t("tell.look.cannot") }, left.signal);
    place.replaceChildren(...nodes);
    whenGone(place, () => left.abort());
  } catch (error) {
    place.append(el("p", { class: "fault", role: "alert" }, trouble(error)));
  }
}

function plainly(place: HTMLElement, part: Part, kind: string): void {
  const src = URL.createObjectURL(part.blob);
  const node = kind === "image" ? el("img", { src, alt: t("tell.look.picture") }) : el(kind === "audio" ? "audio" : "video", { src, controls: true, "aria-label": t("tell.look.recording") });
  place.replaceChildren(node);
  node.focus();
  whenGone(node, () => URL.revokeObjectURL(src));
}

function whenGone(node: HTMLElement, act: () => void): void {
  const watch = new MutationObserver(() => {
    if (node.isConnected) return;
    watch.disconnect();
    act();
  });
  watch.observe(document.body, { childList: true, subtree: true });
}
