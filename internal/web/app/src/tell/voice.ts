// From a recording to one with another voice, on this device: decoded by the browser,
// changed (disguise.ts), and made a file again: Opus where the browser can, else plain
// samples, which are larger.

import { disguise, type Direction } from "./disguise.ts";
import { opusFile } from "./opus.ts";
import { wave } from "./wave.ts";

const rate = 16_000; // enough for a voice; what is above would be hers

/** disguised gives the recording with another voice. */
export async function disguised(blob: Blob, to: Direction): Promise<Blob> {
  const context = new OfflineAudioContext(1, 1, rate);
  const sound = await context.decodeAudioData(await blob.arrayBuffer());
  const changed = disguise(mono(sound), sound.sampleRate, to, drawn);
  return (await opusFile(changed, sound.sampleRate)) ?? wave(changed, sound.sampleRate);
}

function mono(sound: AudioBuffer): Float32Array {
  const out = new Float32Array(sound.length);
  for (let c = 0; c < sound.numberOfChannels; c++) {
    const channel = sound.getChannelData(c);
    for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) + (channel[i] ?? 0) / sound.numberOfChannels;
  }
  return out;
}

function drawn(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
