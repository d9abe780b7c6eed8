// The stewards' words that no demand came of which they may not speak (docs/protocol.md section 20; in Go internal/canary). Nobody can
// say one for a steward; one whose end has passed is what people have to be told of.
import type { Client } from "./client.ts";
import { readByKid } from "./jws.ts";
import { bytesOf, thumbprintOf } from "./names.ts";
import { stewards, type Verified } from "./roster.ts";
import { object, string, that, whole, word, type Of } from "./shape.ts";
import { vaultInfo } from "./vault.ts";

const day = 86_400;
const longest = 366 * day;
const ahead = 2 * day; // by which a steward's clock may differ
const most = 128; // words that are looked at, the last ones

const first = that(whole, "a time is no first second of a day", (at) => at > 0 && at % day === 0);
const shape = that(
  object({ iss: string, aud: string, day: first, until: first, says: word("no-secret-demand") }),
  "a word ends within a year of its day",
  (w) => w.until > w.day && w.until - w.day <= longest,
);
type Word = Of<typeof shape>;

/** Silent is a steward whose newest word has ended. */
export interface Silent {
  readonly name: string;
  readonly until: number; // the first second of the day on which it had ended
}

export interface Canary {
  readonly fresh: number;
  readonly silent: readonly Silent[];
  readonly refused: number; // what is shown as a word and is none
}

/** judge counts of each steward the word of the latest day; of two of one day, the shorter. */
export function judge(words: readonly string[], now: Verified, vault: string, at: number): Canary {
  const newest = new Map<string, Word>();
  let refused = 0;
  for (const text of words.slice(-most)) {
    const one = read(text, now, vault);
    if (one === undefined || one.day > at + ahead) {
      refused++;
      continue;
    }
    const old = newest.get(one.iss);
    if (old === undefined || old.day < one.day || (old.day === one.day && old.until > one.until)) newest.set(one.iss, one);
  }
  const ended = [...newest.values()].filter((w) => w.until <= at);
  const silent = ended.map((w) => ({ name: now.names.get(w.iss) ?? "", until: w.until }));
  return { fresh: newest.size - silent.length, silent, refused };
}

/** read verifies a word with the key of each steward in turn: what it says of itself chooses nothing. */
function read(text: string, now: Verified, vault: string): Word | undefined {
  for (const { key } of now.document.stewards) {
    const account = thumbprintOf(key);
    try {
      const one = readByKid(text, "tv-canary+jwt", account, bytesOf(key), shape);
      if (one.iss === account && one.aud === vault) return one;
    } catch {
      // not this steward's
    }
  }
  return undefined;
}

/** canary judges by the later of the vault's clock and this device's: a vault that sets its own back would make ended words fresh. */
export async function canary(c: Client): Promise<Canary> {
  const [{ now }, said] = await Promise.all([stewards(c), vaultInfo(c)]);
  return judge(said.canary ?? [], now, c.vault, Math.max(said.time, Math.floor(c.now() / 1000)));
}
