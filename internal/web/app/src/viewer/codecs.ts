// The names of codecs as MediaSource wants them (RFC 6381), from what the table says of a track.
import { boxAt, inside, type Box } from "./boxes.ts";

/** codecOf names the codec of a track by its sample description; undefined where it is none that browsers may play. */
export function codecOf(bytes: Uint8Array, stsd: Box): string | undefined {
  const entry = boxAt(bytes, stsd.body + 8);
  if (entry === undefined) return undefined;
  const film = entry.body + 78;
  const config = (type: string, from: number): Box | undefined => inside(bytes, from, entry.end).find((b) => b.type === type);
  switch (entry.type) {
    case "avc1":
    case "avc3":
      return named(config("avcC", film), (c) => `${entry.type}.${hex(bytes, c.body + 1, 3)}`);
    case "hvc1":
    case "hev1":
      return named(config("hvcC", film), (c) => hevc(bytes, entry.type, c.body));
    case "vp09":
      return named(config("vpcC", film), (c) => vp9(bytes, c.body));
    case "av01":
      return named(config("av1C", film), (c) => av1(bytes, c.body));
    case "mp4a":
      return named(findEsds(bytes, entry), (c) => aac(bytes, c));
    case "Opus":
      return "opus";
    case "fLaC":
      return "flac";
    case ".mp3":
      return "mp3";
    default:
      return undefined;
  }
}

function named(config: Box | undefined, name: (config: Box) => string): string | undefined {
  return config && name(config);
}

const two = (n = 0): string => String(n).padStart(2, "0");
const hex = (bytes: Uint8Array, from: number, count: number): string => Array.from(bytes.subarray(from, from + count), (b) => b.toString(16).padStart(2, "0")).join("");

// hevc: profile, its compatibility flags in reverse, tier and level, constraints without trailing zeros (ISO/IEC 14496-15 annex E).
function hevc(bytes: Uint8Array, type: string, at: number): string {
  const profile = bytes[at + 1] ?? 0;
  const space = ["", "A", "B", "C"][profile >> 6] ?? "";
  let flags = 0;
  for (let i = 0; i < 32; i++) if ((((bytes[at + 2 + (i >> 3)] ?? 0) >> (7 - (i & 7))) & 1) === 1) flags += 2 ** i;
  const constraints = Array.from(bytes.subarray(at + 6, at + 12));
  while (constraints.at(-1) === 0) constraints.pop();
  const level = `${(profile & 0x20) !== 0 ? "H" : "L"}${String(bytes[at + 12] ?? 0)}`;
  return [type, `${space}${String(profile & 31)}`, flags.toString(16), level, ...constraints.map((c) => c.toString(16))].join(".");
}

// vp9: recorders that do not know the level write none, which no player takes; the lowest is asked about then.
function vp9(bytes: Uint8Array, at: number): string {
  const [profile, level, depth] = [bytes[at + 4], bytes[at + 5], (bytes[at + 6] ?? 0) >> 4];
  return `vp09.${two(profile)}.${two(level === 0 ? 10 : level)}.${two(depth)}`;
}

function av1(bytes: Uint8Array, at: number): string {
  const [levels = 0, depths = 0] = [bytes[at + 1], bytes[at + 2]];
  const depth = (depths & 0x40) === 0 ? "08" : (depths & 0x20) !== 0 ? "12" : "10";
  return `av01.${String(levels >> 5)}.${two(levels & 31)}${(depths & 0x80) !== 0 ? "H" : "M"}.${depth}`;
}

/** findEsds looks for the description of AAC, which QuickTime puts one box deeper. */
function findEsds(bytes: Uint8Array, entry: Box): Box | undefined {
  const version = (bytes[entry.body + 8] ?? 0) * 256 + (bytes[entry.body + 9] ?? 0);
  const boxes = inside(bytes, entry.body + [28, 44, 64][version]!, entry.end);
  const wave = boxes.find((b) => b.type === "wave");
  return [...boxes, ...(wave ? inside(bytes, wave.body, wave.end) : [])].find((b) => b.type === "esds");
}

// aac: within the descriptors, the one of tag 4 says which kind of MPEG audio, the one of tag 5 which profile.
function aac(bytes: Uint8Array, esds: Box): string {
  let kind = 0x40;
  let profile = 2;
  for (let at = esds.body + 4; at < esds.end; ) {
    const tag = bytes[at++];
    let length = 0;
    for (let more = true; more; at++) {
      length = length * 128 + ((bytes[at] ?? 0) & 127);
      more = ((bytes[at] ?? 0) & 128) !== 0;
    }
    if (tag === 4) kind = bytes[at] ?? 0;
    if (tag === 5) profile = (bytes[at] ?? 0) >> 3;
    at += tag === 3 ? 3 : tag === 4 ? 13 : length;
  }
  return kind === 0x40 ? `mp4a.40.${String(profile)}` : `mp4a.${kind.toString(16)}`;
}
