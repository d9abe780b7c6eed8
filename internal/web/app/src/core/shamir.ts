// Secrets shared among n people, k of whom have them again (docs/protocol.md section 12; in Go internal/shamir; Shamir, "How to share
// a secret", 1979). Each byte is the value at 0 of a polynomial over GF(2^8) whose other coefficients are random; a share is the
// values at one position, and then the position. Fewer than k shares are consistent with every secret, equally likely. Multiplication
// takes no branch and no table by secret bytes. It authenticates nothing: whoever combines holds the result against a digest.
import { Failure } from "./failure.ts";
import { wipe, type Bytes } from "./bytes.ts";

export type Random = (length: number) => Bytes;

/** split makes n shares, threshold of which give the secret back. */
export function split(secret: Uint8Array, n: number, threshold: number, random: Random): Bytes[] {
  if (secret.length === 0 || !(threshold >= 2 && n >= threshold && n <= 255)) throw new Failure("refused", "threshold and number do not fit");
  const xs = positions(n, random);
  const shares = xs.map((x) => Uint8Array.of(...new Uint8Array(secret.length), x));
  const coefficients = random(secret.length * (threshold - 1));
  for (const [at, byte] of secret.entries()) {
    const higher = coefficients.subarray(at * (threshold - 1), (at + 1) * (threshold - 1));
    for (const share of shares) share[at] = evaluate(byte, higher, share.at(-1) ?? 0);
  }
  wipe(coefficients);
  return shares;
}

/** combine gives the secret of shares that belong together; what it gives for others has nothing to do with it. */
export function combine(shares: readonly Uint8Array[]): Bytes {
  const [first] = shares;
  const xs = shares.map((share) => share.at(-1) ?? 0);
  const fit = first !== undefined && shares.every((share) => share.length === first.length && share.length >= 2);
  if (!fit || shares.length < 2 || xs.includes(0) || new Set(xs).size !== xs.length) throw new Failure("false-shares");
  const out = new Uint8Array(first.length - 1);
  for (const share of shares) {
    const weight = weightOf(share.at(-1) ?? 0, xs);
    for (let at = 0; at < out.length; at++) out[at] = (out[at] ?? 0) ^ multiply(weight, share[at] ?? 0);
  }
  return out;
}

/** positions draws n different ones of 1 to 255. They stand open in the shares. */
function positions(n: number, random: Random): number[] {
  const taken = new Set<number>();
  for (let tries = 0; taken.size < n; tries++) {
    const [x = 0] = random(1);
    if (x !== 0) taken.add(x);
    if (tries > 100_000) throw new Error("the randomness always says the same");
  }
  return [...taken];
}

/** evaluate is Horner's rule over the coefficients, those of x, x², … behind the constant. */
function evaluate(constant: number, higher: Uint8Array, x: number): number {
  let value = 0;
  for (let i = higher.length - 1; i >= 0; i--) value = multiply(value ^ (higher[i] ?? 0), x);
  return value ^ constant;
}

/** weightOf is Lagrange's coefficient at 0: the product of x_j / (x_j - x) over the others. */
function weightOf(x: number, xs: readonly number[]): number {
  return xs.filter((other) => other !== x).reduce((weight, other) => multiply(weight, multiply(other, inverse(other ^ x))), 1);
}

/** multiply in GF(2^8) modulo 0x11b. */
export function multiply(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ (-(product >> 7) & 0x11b);
    product ^= -((b >> bit) & 1) & a;
  }
  return product;
}

/** inverse is a^254. */
function inverse(a: number): number {
  let out = 1;
  for (let i = 0; i < 254; i++) out = multiply(out, a);
  return out;
}
