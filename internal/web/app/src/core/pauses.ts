// Pausing (docs/protocol.md section 11; in Go api/client/pause.go): nothing is opened until she lifts it. A code lets somebody she
// trusts pause everything and do nothing else; the vault gets its hash only.
import { get, json } from "./call.ts";
import type { Client } from "./client.ts";
import { damm } from "./damm.ts";
import { Failure } from "./failure.ts";
import type { History } from "./history.ts";
import { surely, testimonyOf } from "./known.ts";
import { hashOf } from "./names.ts";
import { asciiDigits } from "./numerals.ts";
import { silenceShape } from "./policies.ts";
import { sayOne } from "./say.ts";
import { boolean, list, maybe, object, string, that, whole } from "./shape.ts";
import { saying } from "./statement.ts";

export interface Standing {
  pauses: { testimony: string; byCode: boolean }[]; // testimony "" is everything
  pauseCode: boolean; // whether a code is good
  notices: { day: number; kind: string; times: number }[]; // paused, paused-by-code, claimed, recovered, lifted
  silences: { policy: string; testimony: string; noticeAt: number; releaseAt: number }[];
}

/** pause and lift: "" is everything; the two are independent. Pausing twice is pausing once. */
export async function pause(c: Client, testimony = ""): Promise<void> {
  await sayOne(c, "/v1/pauses", (h) => {
    has(h, testimony);
    return saying("pause", { testimony });
  });
}

export async function lift(c: Client, testimony = ""): Promise<void> {
  await sayOne(c, "/v1/lifts", (h) => {
    has(h, testimony);
    return saying("lift", { testimony });
  });
}

function has(h: History, testimony: string): void {
  if (testimony !== "") testimonyOf(h, testimony);
}

const numbers = 20; // random digits; the check digit is one more

/** newPauseCode makes a code and puts it in the place of the one before. Show it once. Every code is equally likely: 67 bits are
 *  too large a number once in three times and then drawn again. */
export async function newPauseCode(c: Client): Promise<string> {
  const digits = drawn(c);
  const code = `${digits}${damm(digits)}`;
  await setCode(c, hashOf(code));
  return code.replace(/(.{5})(?=.)/g, "$1 ");
}

function drawn(c: Client): string {
  for (let n = 0; n < 60; n++) {
    const bytes = c.random(9);
    bytes[0] = (bytes[0] ?? 0) & 7;
    const number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    if (number < 10n ** BigInt(numbers)) return number.toString().padStart(numbers, "0");
  }
  throw new Failure("refused", "the randomness always says the same");
}

export async function endPauseCode(c: Client): Promise<void> {
  await setCode(c, "");
}

async function setCode(c: Client, code_sha256: string): Promise<void> {
  await sayOne(c, "/v1/pause-codes", () => saying("pausecode", { code_sha256 }));
}

/** codeIsWhole finds a slip of the pen by the check digit, in any numerals. */
export function codeIsWhole(text: string): boolean {
  const digits = text.length > 200 ? undefined : asciiDigits(text);
  return digits?.length === numbers + 1 && damm(digits) === 0;
}

/** pauseByCode needs no keys; whether the code is good nobody learns from it. */
export async function pauseByCode(c: Client, code: string): Promise<void> {
  if (!codeIsWhole(code)) throw new Failure("refused", "a digit is wrong");
  const heard = object({ heard: that(boolean, "it does not say that it heard", (v) => v) });
  await json(c, { method: "POST", path: "/v1/pause", body: { code }, repeat: true }, heard);
}

const claimed = object({
  pauses: list(object({ testimony: maybe(string), by_code: boolean })),
  pause_code: boolean,
  notices: list(object({ day: whole, kind: string, times: whole })),
  silences: maybe(list((v) => ({ ...object({ policy: string, testimony: string })(v), ...silenceShape(v) }))),
});

/** standing is what holds for the account as a whole; code withheld when a pause or code she signed is not shown. The vault may
 *  know of more pauses: those by code. */
export function standing(c: Client): Promise<Standing> {
  return surely(c, async ({ book }) => {
    const said = await get(c, "/v1/account", claimed);
    const paused = new Set(said.pauses.map((p) => p.testimony ?? ""));
    const hidden = [...book.testimonies].some(([testimony, t]) => t.paused && !paused.has(testimony));
    if (hidden || (book.paused && !paused.has("")) || (book.pauseCode !== "") !== said.pause_code) throw new Failure("withheld");
    return {
      pauses: said.pauses.map((p) => ({ testimony: p.testimony ?? "", byCode: p.by_code })),
      pauseCode: said.pause_code,
      notices: said.notices,
      silences: (said.silences ?? []).map((s) => ({ policy: s.policy, testimony: s.testimony, noticeAt: s.notice_at, releaseAt: s.release_at })),
    };
  });
}
