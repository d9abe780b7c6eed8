// The picture of a QR code: black on white whatever the page's colours are, with the white around it that readers need.
const SVG = "http://www.w3.org/2000/svg";
const quiet = 4; // modules

/** square draws rows of modules. label is what a screen reader says in its place; without one it is silent. */
export function square(rows: readonly boolean[][], label = ""): SVGElement {
  const all = rows.length + 2 * quiet;
  const dark = rows.flatMap((row, y) => row.map((on, x) => (on ? `M${String(x + quiet)} ${String(y + quiet)}h1v1h-1z` : "")));
  const said = label === "" ? { "aria-hidden": "true" } : { role: "img", "aria-label": label };
  const svg = node("svg", { viewBox: `0 0 ${String(all)} ${String(all)}`, class: "square", ...said });
  svg.append(node("path", { d: `M0 0h${String(all)}v${String(all)}h-${String(all)}z`, fill: "#fff" }), node("path", { d: dark.join(""), fill: "#000", "shape-rendering": "crispEdges" }));
  return svg;
}

function node(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
