// Hearing and seeing a part before it is sent. Nothing plays by itself; the bytes stay in
// the page, and their address is taken back when the view goes.

import { button, el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import type { Part } from "./story.ts";

/** look is a button that opens a part where it stands. */
export function look(part: Part): HTMLElement {
  const place = el("div", { class: "look" });
  const kind = part.type.split("/")[0] ?? "";
  if (part.kind === "text") void part.blob.text().then((text) => place.append(el("p", { class: "excerpt", dir: "auto" }, text.slice(0, 280))));
  else if (["audio", "video", "image"].includes(kind)) place.append(button(kind === "image" ? t("tell.look.see") : t("tell.look.hear"), () => open(place, part, kind)));
  return place;
}

function open(place: HTMLElement, part: Part, kind: string): void {
  const src = URL.createObjectURL(part.blob);
  const node = kind === "image" ? el("img", { src, alt: t("tell.look.picture") }) : el(kind === "audio" ? "audio" : "video", { src, controls: true, "aria-label": t("tell.look.recording") });
  place.replaceChildren(node);
  node.focus();
  revokeWhenGone(node, src);
}

function revokeWhenGone(node: HTMLElement, src: string): void {
  const watch = new MutationObserver(() => {
    if (node.isConnected) return;
    watch.disconnect();
    URL.revokeObjectURL(src);
  });
  watch.observe(document.body, { childList: true, subtree: true });
}
