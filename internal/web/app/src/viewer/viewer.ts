// The frame in which pictures, sound and films are shown. It is a document of no origin (sandbox="allow-scripts"): it has no
// storage, no cookies, no way into the page around it, and by its own policy no network at all. It knows no key and no address.
// What it shows comes over one port from the page that made it, and leaves with it.
//
// Why a frame: decoders of media are large and are given bytes that somebody may have made to break them. What breaks in here
// has nothing to read but what it was shown.
import { film } from "./film.ts";
import { forms, type Show } from "./wire.ts";

function begin(): void {
  const channel = new MessageChannel();
  channel.port1.addEventListener("message", (event: MessageEvent<unknown>) => {
    const order = event.data as Show;
    if (forms.includes(order.form)) show(order, channel.port1);
  }, { once: true });
  channel.port1.start();
  // The page holds the message against this very window; nobody else learns anything from it.
  window.parent.postMessage("here", "*", [channel.port2]);
}

function show(order: Show, port: MessagePort): void {
  document.documentElement.lang = order.language;
  document.documentElement.dir = order.direction;
  const node = order.form === "picture" ? picture(order, port) : player(order, port);
  node.className = order.form;
  document.getElementById("main")?.replaceChildren(node);
}

function picture(order: Show, port: MessagePort): HTMLElement {
  const image = document.createElement("img");
  image.alt = order.label;
  image.addEventListener("load", () => port.postMessage("shown"));
  image.addEventListener("error", () => port.postMessage("cannot"));
  image.src = address(order);
  return image;
}

// Nothing plays by itself, and nothing is offered that would take it out of the frame.
function player(order: Show, port: MessagePort): HTMLElement {
  const media = document.createElement(order.form === "sound" ? "audio" : "video");
  media.controls = true;
  media.preload = "metadata";
  media.setAttribute("controlslist", "nodownload noremoteplayback nofullscreen");
  media.setAttribute("disablepictureinpicture", "");
  media.setAttribute("disableremoteplayback", "");
  media.setAttribute("aria-label", order.label);
  media.addEventListener("loadedmetadata", () => port.postMessage("shown"));
  media.addEventListener("playing", () => port.postMessage("playing"));
  media.addEventListener("pause", () => port.postMessage("resting"));
  media.addEventListener("error", () => port.postMessage("cannot"));
  media.addEventListener("contextmenu", (event) => event.preventDefault());
  if (order.bytes) media.src = address(order);
  else void film(media, order, port);
  return media;
}

function address(order: Show): string {
  return URL.createObjectURL(new Blob([order.bytes ?? new ArrayBuffer(0)], { type: order.type }));
}

begin();
