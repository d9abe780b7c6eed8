// Samples to an Ogg file of Opus (RFC 7845), by the browser's own encoder where it has
// one. Page by page, one packet each: simple, and a few per cent larger than need be.

import { oggPage } from "./strip/oggpage.ts";
import { concat, utf8, type Bytes } from "../core/bytes.ts";

interface Packet {
  readonly bytes: Bytes;
  readonly samples: number; // at 48 kHz
}

/** opusFile encodes, or gives nothing where the browser cannot. */
export async function opusFile(samples: Float32Array<ArrayBuffer>, rate: number): Promise<Blob | undefined> {
  const config = { codec: "opus", sampleRate: rate, numberOfChannels: 1, bitrate: 24_000 };
  if (typeof AudioEncoder === "undefined" || !(await supported(config))) return undefined;
  const packets = await encoded(samples, rate, config);
  return packets.length === 0 ? undefined : new Blob([...pages(packets, rate)], { type: "audio/ogg" });
}

async function supported(config: AudioEncoderConfig): Promise<boolean> {
  return AudioEncoder.isConfigSupported(config).then((s) => s.supported === true, () => false);
}

async function encoded(samples: Float32Array<ArrayBuffer>, rate: number, config: AudioEncoderConfig): Promise<Packet[]> {
  const packets: Packet[] = [];
  let failed = false;
  const output = (chunk: EncodedAudioChunk) => {
    const bytes = new Uint8Array(chunk.byteLength);
    chunk.copyTo(bytes);
    packets.push({ bytes, samples: Math.round(((chunk.duration ?? 20_000) * 48) / 1000) });
  };
  const encoder = new AudioEncoder({ output, error: () => (failed = true) });
  encoder.configure(config);
  for (let at = 0; at < samples.length; at += rate) {
    const data = samples.slice(at, at + rate);
    encoder.encode(new AudioData({ format: "f32", sampleRate: rate, numberOfChannels: 1, numberOfFrames: data.length, timestamp: Math.round((at / rate) * 1e6), data }));
  }
  await encoder.flush();
  encoder.close();
  return failed ? [] : packets;
}

function* pages(packets: Packet[], rate: number): Generator<Bytes> {
  const serial = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const head = new DataView(new ArrayBuffer(11));
  head.setUint8(0, 1);
  head.setUint8(1, 1);
  head.setUint16(2, 312, true);
  head.setUint32(4, rate, true);
  yield oggPage({ flags: 2, granule: 0, serial, sequence: 0, packet: concat(utf8("OpusHead"), new Uint8Array(head.buffer)) });
  yield oggPage({ flags: 0, granule: 0, serial, sequence: 1, packet: concat(utf8("OpusTags"), new Uint8Array(8)) });
  let granule = 0;
  for (const [i, p] of packets.entries()) {
    granule += p.samples;
    yield oggPage({ flags: i === packets.length - 1 ? 4 : 0, granule, serial, sequence: i + 2, packet: p.bytes });
  }
}
