// Ogg with Opus or Vorbis (RFC 3533, RFC 7845): the packet of comments keeps its length and
// loses its words, so that no page moves; the checksum under each changed page is written
// anew. Any other stream inside is refused.

import { concat, utf8, type Bytes } from "../../core/bytes.ts";
import { oggSum } from "./oggpage.ts";
import { latin, noteIn, read, replace, rest, step, Stop, view, type Plan } from "./plan.ts";

interface Page {
  readonly at: number;
  readonly body: number;
  readonly end: number;
  readonly begins: boolean; // a stream
  readonly serial: number;
  readonly laces: readonly number[];
}

/** A packet of comments on its way: the pages it lies on. */
interface Comments {
  readonly codec: "opus" | "vorbis";
  pages: Page[];
  done: boolean;
}

const head = 27;
const mostPages = 256; // sixteen megabytes of comments, a cover picture in them

export async function ogg(p: Plan): Promise<void> {
  const streams = new Map<number, Comments>();
  for (let at = 0; at < p.size; ) {
    const page = await pageAt(p, at);
    if (page.begins) streams.set(page.serial, { codec: await codecOf(p, page), pages: [], done: false });
    else await comments(p, page, streams.get(page.serial));
    at = page.end;
  }
  if ([...streams.values()].some((s) => !s.done)) throw new Stop("broken");
  rest(p);
}

async function pageAt(p: Plan, at: number): Promise<Page> {
  step(p);
  const bytes = (await read(p, at, head)).slice();
  if (latin(bytes.subarray(0, 4)) !== "OggS") throw new Stop("broken");
  const n = bytes[26] ?? 0;
  const laces = [...(await read(p, at + head, n))];
  const body = at + head + n;
  const end = body + laces.reduce((a, b) => a + b, 0);
  if (end > p.size) throw new Stop("broken");
  return { at, body, end, begins: ((bytes[5] ?? 0) & 2) !== 0, serial: view(bytes).getUint32(14, true), laces };
}

async function codecOf(p: Plan, page: Page): Promise<"opus" | "vorbis"> {
  const name = latin(await read(p, page.body, Math.min(8, page.end - page.body)));
  if (name === "OpusHead") return "opus";
  if (name.startsWith("\x01vorbis")) return "vorbis";
  throw new Stop("inside");
}

/** comments gathers the second packet of a stream and empties it. */
async function comments(p: Plan, page: Page, stream: Comments | undefined): Promise<void> {
  if (!stream) throw new Stop("inside");
  if (stream.done) return;
  stream.pages.push(page);
  if (stream.pages.length > mostPages) throw new Stop("inside");
  if (!page.laces.some((l) => l < 255)) return; // it goes on
  stream.done = true;
  await emptied(p, stream);
}

async function emptied(p: Plan, { codec, pages }: Comments): Promise<void> {
  const bodies: Bytes[] = [];
  for (const page of pages) bodies.push((await read(p, page.body, page.end - page.body)).slice());
  const all = concat(...bodies);
  const last = pages.at(-1) as Page;
  const before = pages.slice(0, -1).reduce((sum, page) => sum + page.end - page.body, 0);
  const length = before + last.laces.slice(0, last.laces.findIndex((l) => l < 255) + 1).reduce((a, b) => a + b, 0);
  tell(p, all.subarray(0, length));
  all.set(silent(codec, all.subarray(0, length)));
  let from = 0;
  for (const page of pages) {
    const size = page.end - page.body;
    await rewrite(p, page, all.subarray(from, from + size));
    from += size;
  }
}

/** silent is a packet of comments of the same length that says nothing. */
function silent(codec: "opus" | "vorbis", packet: Bytes): Bytes {
  const name = utf8(codec === "opus" ? "OpusTags" : "\x03vorbis");
  if (packet.length < name.length + (codec === "opus" ? 8 : 9) || latin(packet.subarray(0, name.length)) !== latin(name)) throw new Stop("broken");
  const out = new Uint8Array(packet.length);
  out.set(name);
  if (codec === "opus") return out; // no program, no comments, and padding of zeros (RFC 7845, 5.2)
  const program = packet.length - name.length - 9;
  view(out).setUint32(name.length, program, true);
  out.fill(0x20, name.length + 4, name.length + 4 + program);
  out[packet.length - 1] = 1; // the framing bit
  return out;
}

async function rewrite(p: Plan, page: Page, body: Bytes): Promise<void> {
  const whole = concat((await read(p, page.at, page.body - page.at)).slice(), body);
  view(whole).setUint32(22, 0, true);
  view(whole).setUint32(22, oggSum(whole), true);
  replace(p, page.at, page.end, whole);
}

function tell(p: Plan, packet: Bytes): void {
  const text = new TextDecoder().decode(packet.subarray(0, 4096));
  const place = /(?:LOCATION|GEO)[A-Z_]*=([^\0]{1,60})/i.exec(text);
  const day = /DATE=([\d: T-]{4,20})/i.exec(text);
  const maker = /(?:ARTIST|PERFORMER|AUTHOR)=([^\0]{1,60})/i.exec(text);
  if (place) noteIn(p, "place", place[1] ?? "");
  if (day) noteIn(p, "time", day[1] ?? "");
  if (maker) noteIn(p, "person", maker[1] ?? "");
  if (/(?:TITLE|COMMENT|DESCRIPTION)=/i.test(text)) noteIn(p, "text");
  noteIn(p, "program");
}
