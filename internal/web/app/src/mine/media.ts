// Pictures, sound and films of her own, in the frame that has no origin and no network
// (viewer/viewer.ts): what breaks in a decoder there has nothing to read and nowhere to
// send it. The page hands the bytes over once; from anything but this frame it hears
// nothing, and of what the frame says it takes one word out of a list.

import { el } from "../ui/el.ts";
import { language } from "../ui/places.ts";
import { kindOf, plain } from "../viewer/kinds.ts";
import { readTelling, type Form, type Show } from "../viewer/wire.ts";

/** What is shown, and what is said where it cannot be. */
export interface Media {
  readonly type: string;
  readonly content: Blob;
  readonly label: string;
  readonly cannot: string;
}

export function mediaNodes(media: Media, left: AbortSignal): Node[] {
  const { label, cannot } = media;
  const kind = kindOf(media.type);
  if (kind === "other" || kind === "text") return [el("p", {}, cannot)];
  const said = el("p", { role: "status" });
  const frame = el("iframe", { class: `stage ${kind}`, sandbox: "allow-scripts", src: "/viewer", title: label, allow: "", referrerpolicy: "no-referrer" });
  attend(frame, media, kind, left, () => { said.textContent = cannot; });
  return [frame, said];
}

// attend waits for this very frame to offer its port, once, and serves it until she
// leaves the view.
function attend(frame: HTMLIFrameElement, media: Media, form: Form, left: AbortSignal, cannot: () => void): void {
  let port: MessagePort | undefined;
  const hear = (event: MessageEvent<unknown>): void => {
    const offered = event.ports[0];
    if (port || !offered || event.source === null || event.source !== frame.contentWindow || event.data !== "here") return;
    port = offered;
    port.onmessage = (said: MessageEvent<unknown>) => { if (readTelling(said.data) === "cannot") cannot(); };
    void order(offered, media, form).catch(cannot);
  };
  window.addEventListener("message", hear, { signal: left });
  left.addEventListener("abort", () => port?.close());
}

async function order(port: MessagePort, { type, content, label }: Media, form: Form): Promise<void> {
  const bytes = await content.arrayBuffer();
  const show: Show = { form, type: plain(type), label, language: language(), direction: document.documentElement.dir, bytes };
  port.postMessage(show, [bytes]);
}
