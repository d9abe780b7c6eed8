// The table of a plain MP4 (ISO/IEC 14496-12, sections 8.6 and 8.7): of each sample its place, size, time and whether a decoder can
// begin with it.
import { down, viewOf, type Box } from "./boxes.ts";
import { Unsuited } from "./container.ts";

export interface Track {
  id: number;
  kind: "vide" | "soun";
  codec: string;
  timescale: number; // units per second
  trak: Box;
}

export interface Samples {
  count: number;
  end: number; // in the track's units
  at: Float64Array; // place in the file
  size: Uint32Array;
  time: Float64Array; // of decoding
  shift: Int32Array; // of showing, against decoding
  key: Uint8Array; // 1 where a decoder can begin
}

const most = 5_000_000;

/** samplesOf reads the table of one track. */
export function samplesOf(moov: Uint8Array, track: Track): Samples {
  const stbl = down(moov, track.trak, "mdia", "minf", "stbl");
  const view = viewOf(moov);
  const table = (type: string): Box | undefined => stbl && down(moov, stbl, type);
  const [stsz, stts, stsc, places] = [table("stsz"), table("stts"), table("stsc"), table("stco") ?? table("co64")];
  if (!stsz || !stts || !stsc || !places) throw new Unsuited();
  const count = view.getUint32(stsz.body + 8);
  if (count > most) throw new Unsuited();
  const out: Samples = {
    count, end: 0, at: new Float64Array(count), size: new Uint32Array(count), time: new Float64Array(count), shift: new Int32Array(count), key: new Uint8Array(count),
  };
  const same = view.getUint32(stsz.body + 4);
  for (let i = 0; i < count; i++) out.size[i] = same > 0 ? same : view.getUint32(stsz.body + 12 + i * 4);
  place(view, out, stsc, places);
  out.end = runs(view, stts, count, (i, value, before) => {
    out.time[i] = before;
    return before + value;
  });
  const ctts = table("ctts");
  if (ctts) runs(view, ctts, count, (i, value) => (out.shift[i] = value | 0));
  keys(view, out, table("stss"));
  return out;
}

/** runs reads a table of so many times the same. */
function runs(view: DataView, box: Box, count: number, each: (sample: number, value: number, before: number) => number): number {
  let carried = 0;
  let sample = 0;
  const entries = view.getUint32(box.body + 4);
  for (let e = 0; e < entries && sample < count; e++) {
    const [times, value] = [view.getUint32(box.body + 8 + e * 8), view.getUint32(box.body + 12 + e * 8)];
    for (let i = 0; i < times && sample < count; i++) carried = each(sample++, value, carried);
  }
  return carried;
}

function place(view: DataView, out: Samples, stsc: Box, places: Box): void {
  const wide = places.type === "co64";
  const chunks = view.getUint32(places.body + 4);
  const entries = view.getUint32(stsc.body + 4);
  let [sample, entry] = [0, 0];
  for (let chunk = 1; chunk <= chunks && sample < out.count; chunk++) {
    while (entry + 1 < entries && view.getUint32(stsc.body + 8 + (entry + 1) * 12) <= chunk) entry++;
    const at = places.body + 8 + (chunk - 1) * (wide ? 8 : 4);
    let begins = wide ? Number(view.getBigUint64(at)) : view.getUint32(at);
    for (let i = view.getUint32(stsc.body + 12 + entry * 12); i > 0 && sample < out.count; i--) {
      out.at[sample] = begins;
      begins += out.size[sample] ?? 0;
      sample++;
    }
  }
  if (sample < out.count) throw new Unsuited();
}

function keys(view: DataView, out: Samples, stss: Box | undefined): void {
  if (stss === undefined) {
    out.key.fill(1);
    return;
  }
  const entries = view.getUint32(stss.body + 4);
  for (let e = 0; e < entries; e++) out.key[view.getUint32(stss.body + 8 + e * 4) - 1] = 1;
}
