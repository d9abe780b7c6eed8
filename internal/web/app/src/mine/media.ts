// Pictures, sound and films of her own, in the frame that has no origin and no network
// (viewer/viewer.ts): what breaks in a decoder there has nothing to read and nowhere to
// send it. The page hands the bytes over once; from anything but this frame it hears
// nothing, and of what the frame says it takes one word out of a list.

import type { Opened } from "../core/testimonies.ts";
import { el } from "../ui/el.ts";
import { language } from "../ui/places.ts";
import { t } from "../ui/texts.ts";
import { kindOf, plain } from "../viewer/kinds.ts";
import { readTelling, type Form, type Show } from "../viewer/wire.ts";

export function mediaNodes(opened: Opened, left: AbortSignal): Node[] {
  const kind = kindOf(opened.info.media_type);
  if (kind === "other" || kind === "text") return [el("p", {}, t("mine.notshown"))];
  const said = el("p", { role: "status" });
  const label = opened.info.name === "" ? t("mine.nofilename") : opened.info.name;
  const frame = el("iframe", { class: `stage ${kind}`, sandbox: "allow-scripts", src: "/viewer", title: label, allow: "", referrerpolicy: "no-referrer" });
  attend(frame, opened, kind, label, left, () => { said.textContent = t("mine.notshown"); });
  return [frame, said];
}

// attend waits for this very frame to offer its port, once, and serves it until she
// leaves the view.
function attend(frame: HTMLIFrameElement, opened: Opened, form: Form, label: string, left: AbortSignal, cannot: () => void): void {
  let port: MessagePort | undefined;
  const hear = (event: MessageEvent<unknown>): void => {
    const offered = event.ports[0];
    if (port || !offered || event.source === null || event.source !== frame.contentWindow || event.data !== "here") return;
    port = offered;
    port.onmessage = (said: MessageEvent<unknown>) => { if (readTelling(said.data) === "cannot") cannot(); };
    void order(offered, opened, form, label).catch(cannot);
  };
  window.addEventListener("message", hear, { signal: left });
  left.addEventListener("abort", () => port?.close());
}

async function order(port: MessagePort, opened: Opened, form: Form, label: string): Promise<void> {
  const bytes = await opened.content.arrayBuffer();
  const show: Show = { form, type: plain(opened.info.media_type), label, language: language(), direction: document.documentElement.dir, bytes };
  port.postMessage(show, [bytes]);
}
