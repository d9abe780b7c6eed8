// part.json, the description of a part that travels sealed inside it (docs/protocol.md section 8; in Go
// internal/envelope/partinfo.go and people.go). It has one spelling, and its limits are the server's own: what is sealed here
// must be readable by every other client.
import { utf8, type Bytes } from "./bytes.ts";
import { decode, encodeBytes } from "./canonical.ts";
import { Failure, held } from "./failure.ts";
import { kinds, type Kind, type PartInfo, type Person } from "./sealer.ts";
import { filled, list, maybe, object, string, that, whole, word, type Shape } from "./shape.ts";

/** maxPartInfo is the most bytes of a part.json. */
export const maxPartInfo = 4096;

const length = (text: string) => [...text].length;
const short = that(string, "a text is too long", (text) => length(text) <= 120);

const person = that(
  object({
    role: word("speaker", "participant"),
    name: short,
    first_name: short,
    initial: that(string, "an initial is a letter or two", (text) => length(text) <= 4),
    pseudonym: short,
    country: short,
    region: short,
    place: short,
    affiliation: short,
  }),
  "a person of whom nothing is said",
  (one: Person) => Object.entries(one).some(([field, text]) => field !== "role" && text !== ""),
);

const people = that(
  filled(list(person)),
  "the speaker comes first, and there are at most sixteen people",
  (them) => them === undefined || (them.length <= 16 && them.every((one, i) => i === 0 || one.role === "participant")),
);

const captured = that(
  object({ time: whole, device: short, place: short }),
  "a capture of which nothing is known",
  ({ time, device, place }) => time >= 0 && (time > 0 || device !== "" || place !== ""),
);

// A name never holds a path: a careless reader of part.json cannot be led out of a folder.
const name = that(string, "a name is a path or too long", (n) => utf8(n).length <= 255 && !/[/\\]/.test(n) && n !== "." && n !== "..");

// RFC 2045: type "/" subtype, then parameters with tokens or quoted strings.
const token = "[!#$%&'*+.^_`|~0-9A-Za-z{}-]+";
const media = new RegExp(`^\\s*${token}/${token}\\s*(?:;\\s*${token}\\s*=\\s*(?:${token}|"(?:[^"\\\\]|\\\\.)*")\\s*)*;?\\s*$`);
const mediaType = that(string, "not a media type, such as audio/webm", (type) => media.test(type) && utf8(type).length <= 127);

const shape: Shape<PartInfo> = that(
  object({
    media_type: mediaType,
    name,
    kind: word(...kinds),
    derived_from: whole,
    people,
    captured: maybe(captured),
  }),
  "a derived part names the part it was made from, an original none",
  (info) => fits(info.kind, info.derived_from),
);

/** fits says whether a kind goes with the number of the part it was made from: 0 of an original, another's else. */
export function fits(kind: Kind, from: number): boolean {
  return kind === "original" ? from === 0 : from >= 1;
}

/** encodeInfo gives the one text of a part.json. An empty list of people is left out. */
export function encodeInfo(info: PartInfo): Bytes {
  const { people: them, ...rest } = info;
  const bytes = held("refused", () => encodeBytes(shape(them === undefined || them.length === 0 ? rest : info)));
  if (bytes.length > maxPartInfo) throw new Failure("refused", "the description of a part is too long");
  return bytes;
}

/** parseInfo reads what encodeInfo writes and nothing else. */
export function parseInfo(bytes: Uint8Array): PartInfo {
  if (bytes.length > maxPartInfo) throw new TypeError("the description of a part is too long");
  return decode(bytes, shape);
}
