// Proof of work at enrolment (docs/protocol.md section 7): the smallest counter such that SHA-256(challenge ‖ 0x00 ‖ thumbprint ‖
// 0x00 ‖ counter) begins with enough zero bits. It makes mass enrolment cost something without asking anybody who they are. A
// challenge that is harder than a phone should do is refused, so a hostile server cannot keep one busy.
import { fromBase64url, utf8 } from "./bytes.ts";
import { Failure, held } from "./failure.ts";
import { running } from "./sha256.ts";

export const maxBits = 28;
/** The expected work is done so many times over before giving up: a solution is missed with probability e^-64. */
const patience = 64;
const stretch = 1 << 11; // hashes between two looks at the clock
const breath = 50; // milliseconds without letting others run

/** bitsOf reads how much is asked for: the ninth byte of the challenge. */
export function bitsOf(challenge: string): number {
  const bytes = held("nonsense", () => fromBase64url(challenge));
  if (bytes.length !== 41) throw new Failure("nonsense", "not a challenge");
  return bytes[8] ?? 0;
}

export interface SolveOptions {
  signal?: AbortSignal;
  watch?: (share: number) => void; // of the expected work
  /** lets everything else run for a moment */
  rest?: () => Promise<void>;
  now?: () => number;
}

/** solve looks for the smallest counter. It gives way often, so that a page in which it runs stays awake. */
export async function solve(challenge: string, thumbprint: string, options: SolveOptions = {}): Promise<string> {
  const bits = bitsOf(challenge);
  if (bits > maxBits) throw new Failure("too-hard");
  const base = running();
  base.add(utf8(`${challenge}\0${thumbprint}\0`));
  const now = options.now ?? Date.now;
  const rest = options.rest ?? (() => new Promise<void>((done) => setTimeout(done, 0)));
  const expected = 2 ** bits;
  let since = now();
  for (let n = 0; n < patience * expected; n++) {
    const hash = base.copy();
    hash.add(utf8Digits(n));
    if (zeroBits(hash.sum()) >= bits) return String(n);
    if (n % stretch !== 0 || now() - since < breath) continue;
    if (options.signal?.aborted === true) throw new Failure("stopped");
    options.watch?.(n / expected);
    await rest();
    since = now();
  }
  throw new Failure("unavailable", "no solution was found: ask for a new challenge");
}

function utf8Digits(n: number): Uint8Array {
  return Uint8Array.from(String(n), (digit) => digit.charCodeAt(0));
}

/** zeroBits counts the zero bits that a hash begins with. */
export function zeroBits(hash: Uint8Array): number {
  for (const [i, byte] of hash.entries()) if (byte !== 0) return i * 8 + Math.clz32(byte) - 24;
  return hash.length * 8;
}
