// Changing a voice, on samples. The sound is played faster or slower (which moves pitch
// and formants together), stretched back to its length by overlapping pieces, and limited
// to the band of a telephone. How far it is moved wanders at random by the moment, so that
// no one factor undoes it.
//
// What it does not do: it hinders people who know the voice from recognising it. Software
// that compares voices, somebody who has other recordings of her, the words she chooses,
// her accent and what is heard behind her are not hindered. Screens say so.

export type Direction = "lower" | "higher";

const middle = { lower: 0.78, higher: 1.26 } as const;
const wander = 0.035;
const frame = 0.04; // seconds of one overlapping piece

/** disguise gives samples of the same length with another voice. random draws from 0 to 1. */
export function disguise(samples: Float32Array, rate: number, to: Direction, random: () => number): Float32Array<ArrayBuffer> {
  const size = 2 * Math.round((frame * rate) / 2);
  const hop = size / 2;
  const out = new Float32Array(samples.length);
  const window = hann(size);
  let factor: number = middle[to];
  for (let at = 0; at < samples.length; at += hop) {
    factor = wandered(factor, middle[to], random());
    const from = bestStart(samples, out, at, hop, factor);
    for (let i = 0; i < size && at + i < out.length; i++) out[at + i] = (out[at + i] ?? 0) + (window[i] ?? 0) * sampleAt(samples, from + i * factor);
  }
  return telephone(out, rate);
}

function wandered(now: number, around: number, draw: number): number {
  const next = now + (draw - 0.5) * wander * 0.5;
  return Math.min(around + wander, Math.max(around - wander, next));
}

/** bestStart looks for the place near the present one at which a piece joins what is there (the idea of WSOLA). */
function bestStart(samples: Float32Array, out: Float32Array, at: number, hop: number, factor: number): number {
  if (at === 0) return 0;
  const reach = Math.round(hop * 0.6);
  let best = at;
  let most = -Infinity;
  for (let shift = -reach; shift <= reach; shift += 4) {
    let sum = 0;
    for (let i = 0; i < hop; i += 6) sum += (out[at + i] ?? 0) * sampleAt(samples, at + shift + i * factor);
    if (sum > most) [most, best] = [sum, at + shift];
  }
  return best;
}

function sampleAt(samples: Float32Array, place: number): number {
  const i = Math.floor(place);
  const part = place - i;
  return (samples[i] ?? 0) * (1 - part) + (samples[i + 1] ?? 0) * part;
}

/** hann adds up to one where two of them overlap by half. */
function hann(size: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
}

/** telephone takes away what is below 250 Hz and above 3,400 Hz, where much of a person is. */
function telephone(samples: Float32Array<ArrayBuffer>, rate: number): Float32Array<ArrayBuffer> {
  const low = Math.exp((-2 * Math.PI * 250) / rate);
  const high = 1 - Math.exp((-2 * Math.PI * 3400) / rate);
  let [before, passed, smooth] = [0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const now = samples[i] ?? 0;
    passed = low * (passed + now - before);
    before = now;
    smooth += high * (passed - smooth);
    samples[i] = Math.max(-1, Math.min(1, smooth * 1.4));
  }
  return samples;
}
