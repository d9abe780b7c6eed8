// The card that she prints: beside her words, a square that says her vault and her numbers, for a phone to read instead of her typing.
// It is made when she presses print, and taken away when the printer has it. Whoever photographs the square can open everything, as with
// the words; the card says so.
import type { Opening } from "../ui/account.ts";
import { el } from "../ui/el.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { qr, side } from "./qr.ts";

const SVG = "http://www.w3.org/2000/svg";
const quiet = 4; // modules of white around it, which readers need

/** printCard prints the page with the square in its place. It is there for paper only. */
export async function printCard({ vault, keys }: Opening, place: HTMLElement): Promise<void> {
  await loadTexts("making");
  place.replaceChildren(square(`${vault}\n${await keys.digits("latn")}`), el("p", {}, t("tell.paper.square")));
  window.addEventListener("afterprint", () => place.replaceChildren(), { once: true });
  print();
}

function square(text: string): SVGElement {
  const all = side + 2 * quiet;
  const dark = qr(text).flatMap((row, y) => row.map((on, x) => (on ? `M${String(x + quiet)} ${String(y + quiet)}h1v1h-1z` : "")));
  const svg = node("svg", { viewBox: `0 0 ${String(all)} ${String(all)}`, class: "square", "aria-hidden": "true" });
  svg.append(node("path", { d: `M0 0h${String(all)}v${String(all)}h-${String(all)}z`, fill: "#fff" }), node("path", { d: dark.join(""), fill: "#000", "shape-rendering": "crispEdges" }));
  return svg;
}

function node(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
