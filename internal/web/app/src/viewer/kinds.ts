// Which media types are shown, and how. What is not here is not shown: a picture that is a program (SVG), a page, a document
// that wants a viewer of its own. The type is what the giver's device called it; a browser that finds something else in the
// bytes shows nothing, because an image element runs nothing and a player plays nothing else.
import type { Form } from "./wire.ts";

const pictures = ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp"];
const sounds = ["audio/webm", "audio/ogg", "audio/opus", "audio/mp4", "audio/x-m4a", "audio/m4a", "audio/aac", "audio/mpeg", "audio/mp3", "audio/wav",
  "audio/x-wav", "audio/wave", "audio/flac", "audio/3gpp"];
const films = ["video/webm", "video/mp4", "video/quicktime", "video/x-m4v", "video/ogg", "video/3gpp", "video/x-matroska"];

export type Kind = Form | "text" | "other";

/** plain is a media type without its parameters, in lower case. */
export function plain(type: string): string {
  return (type.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/** kindOf says how something is shown. Every text is shown as its letters, whatever language of a machine it is in. */
export function kindOf(type: string): Kind {
  const name = plain(type);
  if (pictures.includes(name)) return "picture";
  if (sounds.includes(name)) return "sound";
  if (films.includes(name)) return "film";
  return name.startsWith("text/") || name === "application/json" || name === "application/xml" ? "text" : "other";
}
