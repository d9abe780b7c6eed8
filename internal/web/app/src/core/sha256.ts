// SHA-256 of what comes piece by piece (FIPS 180-4), with a state that can be copied. Web Crypto hashes only what lies in memory
// whole, and a payload does not. It stands here because it is measured: a plain loop over local numbers runs at 225 MB/s in
// Chromium 156, the classes of noble-hashes at 80 (in node both at 200), and a part is hashed this way twice. There is no table, index
// or branch that depends on what is hashed. The tests hold it against Web Crypto at every length around its blocks.
import type { Bytes } from "./bytes.ts";

/** A SHA-256 in progress. */
export interface Running {
  /** bytes hashed so far */
  readonly at: number;
  add(bytes: Uint8Array): void;
  /** copy goes on by itself from the same state. */
  copy(): Running;
  /** sum is the digest of what was added; more may be added afterwards. */
  sum(): Bytes;
}

const blockSize = 64;

/** fractions are the first 32 bits of the fractional parts of roots of the first primes: the constants of the standard. Square and
 *  cube roots of such small numbers are exact to far more bits than are taken. */
function fractions(count: number, root: (n: number) => number): Int32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return Int32Array.from(primes, (p) => ((root(p) % 1) * 2 ** 32) | 0);
}

const constants = fractions(64, Math.cbrt);
const initial = fractions(8, Math.sqrt);

/** running has hashed nothing yet. */
export function running(): Running {
  return from(initial.slice(), new Uint8Array(blockSize), 0);
}

/** sha256 hashes what is short, where nothing else of noble-hashes is needed. */
export function sha256(bytes: Uint8Array): Bytes {
  const all = running();
  all.add(bytes);
  return all.sum();
}

function from(state: Int32Array, held: Uint8Array, at: number): Running {
  const words = new Int32Array(64);
  return {
    get at() {
      return at;
    },
    add(bytes) {
      const filled = at % blockSize;
      const first = filled === 0 ? 0 : Math.min(blockSize - filled, bytes.length);
      held.set(bytes.subarray(0, first), filled);
      if (filled > 0 && filled + first === blockSize) compress(state, words, held, 0, blockSize);
      const whole = first + Math.floor((bytes.length - first) / blockSize) * blockSize;
      compress(state, words, bytes, first, whole);
      held.set(bytes.subarray(whole));
      at += bytes.length;
    },
    copy: () => from(state.slice(), held.slice(), at),
    sum: () => finish(state.slice(), words, held.subarray(0, at % blockSize), at),
  };
}

/** finish pads with a bit and the length in bits. */
function finish(state: Int32Array, words: Int32Array, rest: Uint8Array, length: number): Bytes {
  const last = new Uint8Array(rest.length < 56 ? 64 : 128);
  last.set(rest);
  last[rest.length] = 0x80;
  new DataView(last.buffer).setBigUint64(last.length - 8, BigInt(length) * 8n);
  compress(state, words, last, 0, last.length);
  last.fill(0);
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  state.forEach((word, i) => view.setInt32(i * 4, word));
  return out;
}

/** compress takes whole blocks. Indexes are always within: the marks are for the type checker. */
function compress(state: Int32Array, w: Int32Array, bytes: Uint8Array, from: number, to: number): void {
  const k = constants;
  for (let at = from; at < to; at += blockSize) {
    for (let i = 0, j = at; i < 16; i++, j += 4) w[i] = (bytes[j]! << 24) | (bytes[j + 1]! << 16) | (bytes[j + 2]! << 8) | bytes[j + 3]!;
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
    }
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
    let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
    for (let i = 0; i < 64; i++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + (g ^ (e & (f ^ g))) + k[i]! + w[i]!) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (c & (a ^ b)))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    state[0]! += a;
    state[1]! += b;
    state[2]! += c;
    state[3]! += d;
    state[4]! += e;
    state[5]! += f;
    state[6]! += g;
    state[7]! += h;
  }
}
