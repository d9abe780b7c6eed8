// MP4, MOV, M4A, 3GP (ISO/IEC 14496-12): boxes of metadata become free space of the same
// length, times of tracks become zero, so every offset in the file stays right and no
// decoder notices. A track that is neither picture nor sound nor words is refused: what is
// in it lies among the pictures, and is most often the place.

import { utf8 } from "../../core/bytes.ts";
import { latin, noteIn, read, replace, rest, step, Stop, view, type Plan } from "./plan.ts";

interface Box {
  readonly kind: string;
  readonly at: number;
  readonly inner: number;
  readonly end: number;
}

type Look = (p: Plan, box: Box) => Promise<void>;

/** Rule says which boxes stay, and which are looked into; all others become free space. */
interface Rule {
  readonly stay: readonly string[];
  readonly within: Readonly<Record<string, Look>>;
}

const inside = (rule: Rule): Look => (p, box) => apply(p, rule, box.inner, box.end);

/** stillBrand: pictures in the same boxes, whose metadata cannot be freed without moving what is needed. */
export function stillBrand(brand: string): boolean {
  return ["heic", "heix", "hevc", "mif1", "msf1", "avif", "avis"].includes(brand);
}

export async function mp4(p: Plan): Promise<void> {
  await apply(p, film, 0, p.size);
  rest(p);
}

async function apply(p: Plan, rule: Rule, from: number, end: number): Promise<void> {
  for (let at = from; at < end; ) {
    const box = await boxAt(p, at, end);
    const look = Object.hasOwn(rule.within, box.kind) ? rule.within[box.kind] : undefined;
    if (look) await look(p, box);
    else if (!rule.stay.includes(box.kind)) await free(p, box);
    at = box.end;
  }
}

async function boxAt(p: Plan, at: number, end: number): Promise<Box> {
  step(p);
  const head = (await read(p, at, 8)).slice();
  const [length, kind] = [view(head).getUint32(0), latin(head.subarray(4))];
  const long = length === 1;
  const inner = at + (long ? 16 : 8);
  const till = length === 0 ? end : at + (long ? Number(view(await read(p, at + 8, 8)).getBigUint64(0)) : length);
  if (till < inner || till > end) throw new Stop("broken");
  return { kind, at, inner, end: till };
}

/** free makes a box one of free space, of the same length and full of zeros. */
const free: Look = async (p, box) => {
  await tell(p, box);
  replace(p, box.at + 4, box.at + 8, utf8("free"));
  replace(p, box.inner, box.end);
};

const timeless: Look = async (p, box) => {
  const [version = 0] = await read(p, box.inner, 1);
  const times = version === 1 ? 16 : 8;
  if (box.inner + 4 + times > box.end) throw new Stop("broken");
  const body = view(await read(p, box.inner + 4, times));
  const made = version === 1 ? Number(body.getBigUint64(0)) : body.getUint32(0);
  if (made > epoch) noteIn(p, "time", new Date((made - epoch) * 1000).toISOString().slice(0, 16).replace("T", " "));
  replace(p, box.inner + 4, box.inner + 4 + times);
};

const epoch = 2_082_844_800; // seconds from 1904 to 1970
const handlerName = 24;

const handler: Look = async (p, box) => {
  const kind = latin((await read(p, box.inner, handlerName)).subarray(8, 12));
  if (!["vide", "soun", "text", "sbtl", "subt", "clcp"].includes(kind)) throw new Stop("inside");
  await nameless(p, box);
};

const nameless: Look = (p, box) => {
  if (box.inner + handlerName < box.end) replace(p, box.inner + handlerName, box.end);
  return Promise.resolve();
};

const trackRule: Rule = {
  stay: ["edts", "tref", "tapt", "trgr"],
  within: {
    tkhd: timeless,
    mdia: inside({
      stay: ["elng"],
      within: { mdhd: timeless, hdlr: handler, minf: inside({ stay: ["vmhd", "smhd", "nmhd", "sthd", "gmhd", "dinf", "stbl"], within: { hdlr: nameless } }) },
    }),
  },
};

const film: Rule = {
  stay: ["ftyp", "styp", "mdat", "sidx", "ssix", "mfra", "pdin"],
  within: {
    moov: inside({ stay: ["mvex", "iods"], within: { mvhd: timeless, trak: inside(trackRule) } }),
    moof: inside({ stay: ["mfhd"], within: { traf: inside({ stay: ["tfhd", "tfdt", "trun", "sdtp", "sbgp", "sgpd", "subs", "saiz", "saio"], within: {} }) } }),
  },
};

const empty = ["free", "skip", "wide"];
const mostRead = 1 << 16;

/** placeBox reads the box loci of phones (3GPP TS 26.244): a name, then longitude and latitude in 65536ths of a degree. */
function placeBox(body: Uint8Array, text: string): string | undefined {
  const at = text.indexOf("loci");
  const end = text.indexOf("\0", at + 10);
  if (at < 0 || end < 0 || end + 10 > body.length) return at < 0 ? undefined : "";
  const data = view(body);
  return `${(data.getInt32(end + 6) / 65_536).toFixed(3)}, ${(data.getInt32(end + 2) / 65_536).toFixed(3)}`;
}

/** tell finds out what a box of metadata says, as far as its bytes show. */
async function tell(p: Plan, box: Box): Promise<void> {
  if (empty.includes(box.kind) || box.inner === box.end) return;
  const body = await read(p, box.inner, Math.min(box.end - box.inner, mostRead));
  const text = latin(body.subarray(0, 4096));
  const place = /[+-]\d{1,2}\.\d+[+-]\d{1,3}\.\d+/.exec(text)?.[0].replace(/(\d)([+-])/, "$1, $2").replaceAll("+", "") ?? placeBox(body, text);
  if (place !== undefined) noteIn(p, "place", place);
  const day = /(?:19|20)\d\d-\d\d-\d\dT\d\d:\d\d/.exec(text);
  if (day) noteIn(p, "time", day[0].replace("T", " "));
  if (/\xa9(?:mak|mod)|com\.apple\.quicktime\.m(?:ake|odel)|com\.android/.test(text)) noteIn(p, "device");
  if (/\xa9(?:too|swr|enc)/.test(text)) noteIn(p, "program");
  if (place === undefined && !day) noteIn(p, "other");
}

