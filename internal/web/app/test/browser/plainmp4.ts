// A plain MP4, as phones make them: one table of all samples at the end of the file, made of a fragmented one as browsers make them.
import { Buffer } from "node:buffer";
import { box, down, inside, joined, viewOf, words, type Box } from "../../src/viewer/boxes.ts";

interface Run {
  track: number;
  samples: { duration: number; size: number; key: boolean; shift: number }[];
  at: number; // in the new file
}

/** plainMp4 takes the fragments apart and writes one table. */
export function plainMp4(fragmented: Buffer): Buffer {
  const bytes = new Uint8Array(fragmented);
  const boxes = inside(bytes, 0, bytes.length);
  const moov = boxes.find((b) => b.type === "moov");
  const ftyp = boxes.find((b) => b.type === "ftyp");
  if (!moov || !ftyp) throw new Error("no MP4");
  const begins = ftyp.end - ftyp.at + 8;
  const data: Uint8Array[] = [];
  const runs: Run[] = [];
  let at = begins;
  for (const moof of boxes.filter((b) => b.type === "moof")) {
    for (const traf of inside(bytes, moof.body, moof.end).filter((b) => b.type === "traf")) {
      const [run, from] = runOf(bytes, moof, traf);
      const size = run.samples.reduce((sum, s) => sum + s.size, 0);
      runs.push({ ...run, at });
      data.push(bytes.slice(from, from + size));
      at += size;
    }
  }
  return Buffer.from(joined(bytes.slice(ftyp.at, ftyp.end), box("mdat", ...data), rebuilt(bytes, moov, runs, undefined)));
}

function runOf(bytes: Uint8Array, moof: Box, traf: Box): [Run, number] {
  const view = viewOf(bytes);
  const [tfhd, trun] = [down(bytes, traf, "tfhd"), down(bytes, traf, "trun")];
  if (!tfhd || !trun) throw new Error("no run");
  const head = view.getUint32(tfhd.body) & 0xffffff;
  let at = tfhd.body + 8 + ((head & 1) !== 0 ? 8 : 0) + ((head & 2) !== 0 ? 4 : 0);
  const usual = [8, 16, 32].map((bit) => ((head & bit) !== 0 ? view.getUint32((at += 4) - 4) : 0));
  const said = view.getUint32(trun.body) & 0xffffff;
  at = trun.body + 8;
  const next = (): number => view.getUint32((at += 4) - 4);
  const from = moof.at + ((said & 1) !== 0 ? next() : 0);
  const first = (said & 4) !== 0 ? next() : undefined;
  const samples = Array.from({ length: view.getUint32(trun.body + 4) }, (_, i) => {
    const duration = (said & 0x100) !== 0 ? next() : (usual[0] ?? 0);
    const size = (said & 0x200) !== 0 ? next() : (usual[1] ?? 0);
    const flags = (said & 0x400) !== 0 ? next() : i === 0 && first !== undefined ? first : (usual[2] ?? 0);
    return { duration, size, key: (flags & 0x10000) === 0, shift: (said & 0x800) !== 0 ? next() : 0 };
  });
  return [{ track: view.getUint32(tfhd.body + 4), samples, at: 0 }, from];
}

function rebuilt(bytes: Uint8Array, of: Box, runs: Run[], track: number | undefined): Uint8Array {
  if (of.type === "stbl") return tables(bytes, of, runs.filter((r) => r.track === track));
  if (!["moov", "trak", "mdia", "minf"].includes(of.type)) return bytes.slice(of.at, of.end);
  const tkhd = of.type === "trak" ? down(bytes, of, "tkhd") : undefined;
  const id = tkhd ? viewOf(bytes).getUint32(tkhd.body + (bytes[tkhd.body] === 1 ? 20 : 12)) : track;
  return box(of.type, ...inside(bytes, of.body, of.end).filter((b) => b.type !== "mvex").map((b) => rebuilt(bytes, b, runs, id)));
}

function tables(bytes: Uint8Array, stbl: Box, runs: Run[]): Uint8Array {
  const stsd = down(bytes, stbl, "stsd");
  const all = runs.flatMap((r) => r.samples);
  const keys = all.flatMap((s, i) => (s.key ? [i + 1] : []));
  const full = (type: string, ...values: number[]): Uint8Array => box(type, words(0, ...values));
  return box("stbl", stsd ? bytes.slice(stsd.at, stsd.end) : new Uint8Array(0),
    full("stts", all.length, ...all.flatMap((s) => [1, s.duration])), full("ctts", all.length, ...all.flatMap((s) => [1, s.shift])),
    full("stsc", runs.length, ...runs.flatMap((r, i) => [i + 1, r.samples.length, 1])), full("stsz", 0, all.length, ...all.map((s) => s.size)),
    full("stco", runs.length, ...runs.map((r) => r.at)), full("stss", keys.length, ...keys));
}
