// Small pictures beside the choices, drawn of a few strokes: nothing to fetch, and they
// take the colour of the text. They say nothing that the words beside them do not.

const SVG = "http://www.w3.org/2000/svg";

const strokes = {
  speak: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6",
  write: "M4 20l1-4L16 5l3 3L8 19l-4 1ZM14 7l3 3",
  files: "M7 3h7l4 4v14H7V3ZM14 3v4h4M10 13h5M10 17h5",
  photo: "M4 7h4l2-2h4l2 2h4v12H4V7ZM12 16a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  keep: "M6 11h12v9H6v-9ZM9 11V8a3 3 0 0 1 6 0v3M12 15v2",
  words: "M4 5h16v14H4V5ZM7 9h10M7 12h10M7 15h6",
  mine: "M4 7h6l2 2h8v10H4V7Z",
  again: "M5 12a7 7 0 1 1 2 5M5 17v-4h4",
  send: "M4 12l16-8-5 16-4-6-7-2ZM11 14l4-5",
  done: "M5 13l4 4L19 7",
  phone: "M8 3h8v18H8V3ZM11 18h2",
  nobody: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21a8 8 0 0 1 16 0M3 3l18 18",
} as const;

export type Picture = keyof typeof strokes;

export function picture(name: Picture): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const attributes = { viewBox: "0 0 24 24", class: "picture", "aria-hidden": "true", focusable: "false" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  path.setAttribute("d", strokes[name]);
  svg.append(path);
  return svg;
}
