// What devices write into files is taken out, told, and never passed on silently; and no
// file, however torn, is more than a file.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { clean } from "../../src/tell/strip/clean.ts";
import type { Found } from "../../src/tell/strip/found.ts";
import { oggPage, oggSum } from "../../src/tell/strip/oggpage.ts";
import { wave } from "../../src/tell/wave.ts";
import { app } from "../world.ts";

const samples = join(app, "..", "..", "samples", "testdata");
const sample = (name: string) => new Uint8Array(readFileSync(join(samples, name)));

async function cleaned(bytes: Uint8Array<ArrayBuffer>): Promise<{ bytes: Buffer; found: Found[] }> {
  const c = await clean(new Blob([bytes]));
  if (c.state !== "cleaned") assert.fail(c.state);
  return { bytes: Buffer.from(await c.blob.arrayBuffer()), found: c.found };
}

function gone(bytes: Buffer, ...texts: string[]): void {
  for (const text of texts) assert.ok(!bytes.includes(Buffer.from(text, "latin1")), `${text} is still there`);
}

const traces = (found: readonly { trace: string }[]) => found.map((f) => f.trace);

test("a photo forgets where, when, with what and by whom it was taken, and says what it was", async () => {
  const before = sample("photo-gps.jpg");
  const { bytes, found } = await cleaned(before);
  gone(bytes, "phone owner", "2022:05:14", "Exif\0\0II", "Lavc");
  const place = found.find((f) => f.trace === "place")?.value ?? "";
  assert.match(place, /^-?\d+\.\d{3}, -?\d+\.\d{3}$/);
  assert.ok(found.some((f) => f.trace === "time" && f.value.startsWith("2022:05:14")));
  assert.ok(found.some((f) => f.trace === "person" && f.value === "phone owner"));
  assert.deepEqual([...bytes.subarray(0, 2), ...bytes.subarray(-2)], [0xff, 0xd8, 0xff, 0xd9]);
});

test("what is appended behind a picture goes, and which side is up stays", async () => {
  const turned = Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.from("ffe10022457869660000" + "4d4d002a00000008" + "0001" + "011200030000000100060000" + "00000000", "hex"), Buffer.from(sample("photo-gps.jpg").subarray(2)), Buffer.from("a film of the seconds before")]);
  const { bytes, found } = await cleaned(new Uint8Array(turned));
  gone(bytes, "a film");
  assert.ok(traces(found).includes("behind"));
  assert.ok(bytes.includes(Buffer.from("011200030000000100060000", "hex")));
});

test("a clip forgets its place and time, byte for byte as long as before", async () => {
  const before = sample("clip-location.mp4");
  const { bytes, found } = await cleaned(before);
  assert.equal(bytes.length, before.length);
  gone(bytes, "loci", "udta", "Lavf", "VideoHandler", "SoundHandler");
  assert.match(found.find((f) => f.trace === "place")?.value ?? "", /^-?\d+\.\d{3}, -?\d+\.\d{3}$/);
});

test("recordings forget the programs and titles in them", async () => {
  for (const [name, ...texts] of [["voice-en.webm", "Lavf"], ["voice-ar.ogg", "title=", "Lavf", "libopus"], ["voice-uk.m4a", "Lavf", "udta", "\xa9too"]] as [string, ...string[]][]) {
    const before = sample(name);
    const { bytes, found } = await cleaned(before);
    assert.equal(bytes.length, before.length, name);
    gone(bytes, ...texts);
    assert.notEqual(found.length, 0, name);
  }
});

test("every page of a cleaned Ogg file has the checksum of what is in it", async () => {
  const { bytes } = await cleaned(sample("voice-ar.ogg"));
  let at = 0;
  let pages = 0;
  while (at < bytes.length) {
    const laces = bytes[at + 26] ?? 0;
    const size = 27 + laces + bytes.subarray(at + 27, at + 27 + laces).reduce((a, b) => a + b, 0);
    const page = Buffer.from(bytes.subarray(at, at + size));
    const sum = page.readUInt32LE(22);
    page.writeUInt32LE(0, 22);
    assert.equal(oggSum(page), sum);
    at += size;
    pages++;
  }
  assert.ok(pages > 2);
});

test("comments that span pages, Vorbis and two streams are emptied or refused, never kept", async () => {
  const opus = (packet: Uint8Array, sequence: number, flags = 0) => oggPage({ flags, granule: 0, serial: 7, sequence, packet });
  const tags = Buffer.concat([Buffer.from("OpusTags"), Buffer.from([4, 0, 0, 0]), Buffer.from("prog"), Buffer.from([1, 0, 0, 0, 18, 0, 0, 0]), Buffer.from("LOCATION=Sana'a 15")]);
  const whole = Buffer.concat([opus(Buffer.from("OpusHead\x01\x01"), 0, 2), opus(tags, 1), opus(Buffer.from("sound"), 2, 4)]);
  const { bytes, found } = await cleaned(new Uint8Array(whole));
  gone(bytes, "Sana'a", "prog");
  assert.equal(found.find((f) => f.trace === "place")?.value, "Sana'a 15");
  const other = Buffer.concat([opus(Buffer.from("\x80theora-secret"), 0, 2), whole]);
  assert.equal((await clean(new Blob([new Uint8Array(other)]))).state, "inside");
});

test("a PNG loses its texts, and a chunk that it cannot do without is refused", async () => {
  const png = Buffer.from(sample("scan-text.png"));
  const chunk = (kind: string, body: string) => {
    const c = Buffer.alloc(12 + body.length);
    c.writeUInt32BE(body.length);
    c.write(kind, 4, "latin1");
    c.write(body, 8, "latin1");
    return c;
  };
  const where = png.indexOf("IDAT") - 4;
  const within = (extra: Buffer) => new Uint8Array(Buffer.concat([png.subarray(0, where), extra, png.subarray(where)]));
  const { bytes, found } = await cleaned(within(Buffer.concat([chunk("tEXt", "Author\0secret-name"), chunk("iTXt", "secret-two"), chunk("zTXt", "secret-3"), chunk("eXIf", "secret-4"), chunk("tIME", "1234567")])));
  gone(bytes, "secret", "tEXt", "iTXt", "zTXt", "eXIf", "tIME");
  assert.deepEqual(new Set(traces(found)), new Set(["text", "other", "time"]));
  assert.equal((await clean(new Blob([within(chunk("SECR", "secret"))]))).state, "inside");
});

test("WAVE and MP3 keep the sound and lose the rest", async () => {
  const wav = Buffer.from(await wave(new Float32Array(800), 16_000).arrayBuffer());
  const list = Buffer.concat([Buffer.from("LIST"), Buffer.from([14, 0, 0, 0]), Buffer.from("INFOIARTsecret")]);
  const { bytes } = await cleaned(new Uint8Array(Buffer.concat([wav, list])));
  gone(bytes, "secret", "LIST");
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  const id3 = Buffer.concat([Buffer.from("ID3\x03\0\0\0\0\0\x0a"), Buffer.from("secret-abc")]);
  const tag = Buffer.alloc(128);
  tag.write("TAGsecret");
  const mp3 = await cleaned(new Uint8Array(Buffer.concat([id3, frame, frame, frame, tag])));
  gone(mp3.bytes, "secret", "ID3", "TAG");
  assert.equal(mp3.bytes.length, 3 * 417);
  assert.equal((await clean(new Blob([new Uint8Array(Buffer.concat([id3, frame, Buffer.from("secret inside, at length"), frame]))]))).state, "inside");
});

test("what is not known is said to be not known", async () => {
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode("%PDF-1.7 /Author (secret)"), sample("testimony-ar.txt"), new Uint8Array([0, 0, 0, 24, ...Buffer.from("ftypheic\0\0\0\0mif1heic")])]) {
    assert.equal((await clean(new Blob([bytes]))).state, "unknown");
  }
});

// What must never come through, whatever is done to the file.
const secrets: Record<string, string[]> = {
  "photo-gps.jpg": ["phone owner", "2022:05:14"], "clip-location.mp4": ["Lavf59"], "voice-en.webm": ["Lavf59"], "voice-ar.ogg": ["title=voice"], "voice-uk.m4a": ["\xa9too"], "scan-text.png": [],
};

test("a file that was cut anywhere is refused or clean", async () => {
  for (const [name, texts] of Object.entries(secrets)) {
    const whole = sample(name);
    for (let i = 0; i < 60; i++) {
      const cut = whole.slice(0, i < 40 ? i * 37 : Math.floor((whole.length * (i - 39)) / 21));
      const c = await clean(new Blob([cut]));
      if (c.state === "cleaned") gone(Buffer.from(await c.blob.arrayBuffer()), ...texts);
    }
  }
});

test("a file in which bytes were changed is refused or clean", async () => {
  let state = 12345;
  const random = (n: number) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
  for (const [name, texts] of Object.entries(secrets)) {
    const whole = sample(name);
    const metadata = Math.min(whole.length, 4096);
    for (let i = 0; i < 150; i++) {
      const bytes = whole.slice();
      for (let n = 0; n <= i % 4; n++) bytes[random(i % 2 === 0 ? metadata : whole.length)] = random(256);
      const c = await clean(new Blob([bytes]));
      if (c.state !== "cleaned") continue;
      const out = Buffer.from(await c.blob.arrayBuffer());
      if (name.endsWith(".jpg") || name.endsWith(".ogg")) gone(out, ...texts);
      assert.ok(out.length <= bytes.length + 64);
    }
  }
});

test("cleaning what is clean changes nothing", async () => {
  for (const name of Object.keys(secrets)) {
    const once = await cleaned(sample(name));
    const twice = await cleaned(new Uint8Array(once.bytes));
    assert.ok(once.bytes.equals(twice.bytes), name);
  }
});
