// Her own verified chain and what it adds up to (in Go api/client/history.go). Every act rests on it and on nothing that the
// vault lists. It is fetched whole, verified, and held against the newest head that is known to be hers.
import { fold, type Book } from "./book.ts";
import { get } from "./call.ts";
import { headOf, holds, sameHead, verify, type Chain, type Entry } from "./chain.ts";
import { keysOf, type Client, type Head } from "./client.ts";
import { Failure } from "./failure.ts";
import { list, maybe, object, string, whole } from "./shape.ts";

export interface History {
  readonly chain: Chain;
  readonly book: Book;
}

const most = 1 << 20; // statements: a hundred a day for thirty years

const page = object({
  statements: list(object({ seq: whole, sha256: string, statement: maybe(string), testimony: maybe(string) })),
  head: object({ seq: whole, sha256: string }),
  erasures: maybe(list(string)),
});

/** head fetches and verifies the chain and gives its end: noted beside the words, it shows later that nothing was cut off. */
export async function head(c: Client): Promise<Head> {
  return headOf((await refresh(c)).chain);
}

/** history gives the chain as last verified. */
export async function history(c: Client): Promise<History> {
  return c.past ?? refresh(c);
}

/** refresh fetches the whole chain, verifies it and holds it against what is already known of it. */
export async function refresh(c: Client): Promise<History> {
  return (await readWhole(c)).h;
}

/** readWhole is refresh with the entries as they came. */
export async function readWhole(c: Client): Promise<{ h: History; entries: Entry[]; erased: string[] }> {
  const keys = keysOf(c);
  const known = c.seen;
  const { entries, erased, head } = await fetchChain(c);
  const chain = verify(keys.thumbprint, c.vault, entries, erased);
  if (!sameHead(headOf(chain), head)) throw new Failure("chain", "it does not end where the vault says it ends");
  checkKey(chain, keys.recipient);
  return { h: remember(c, { chain, book: fold(chain) }, known), entries, erased };
}

/** fetchChain asks page by page. It ends because each page must move on. */
export async function fetchChain(c: Client): Promise<{ entries: Entry[]; erased: string[]; head: Head }> {
  const entries: Entry[] = [];
  const erased: string[] = [];
  for (;;) {
    const got = await get(c, `/v1/statements?after=${entries.length}`, page);
    for (const e of got.statements) {
      if (e.seq !== entries.length + 1) throw new Failure("chain", "a statement is missing");
      if (entries.length === most) throw new Failure("nonsense", "the chain has no end");
      entries.push(e);
    }
    erased.push(...(got.erasures ?? []));
    if (entries.length >= got.head.seq) return { entries, erased, head: got.head };
    if (got.statements.length === 0) throw new Failure("chain", "a statement is withheld");
  }
}

/** checkKey makes sure that the newest key statement is the one these keys make: another recipient under her own signature
 *  would be a forgery by a former client, and everything sealed to it is lost to her. */
function checkKey(chain: Chain, recipient: string): void {
  let named = "";
  for (const s of chain.statements) if (s.act === "key" || s.act === "rekey") named = s.body.recipient;
  if (chain.statements.length > 0 && named !== recipient) throw new Failure("chain", "it names another key than yours");
}

/** remember keeps a history that extends all that was known when it was asked for. If an act has gone further meanwhile, that
 *  one's history is the better. */
export function remember(c: Client, h: History, known: Head): History {
  holds(h.chain, known);
  c.account = h.chain.account;
  const seq = h.chain.hashes.length;
  if (c.past !== undefined && c.past.chain.hashes.length > seq) return c.past;
  if (seq >= c.seen.seq) {
    c.past = h;
    c.seen = headOf(h.chain);
  }
  return h;
}

/** forget makes the next act read the chain anew: after an answer that was lost, nobody here knows where it stands. */
export function forget(c: Client): void {
  c.past = undefined;
}

/** enrolledIn fails when the chain has no first statement. */
export function enrolledIn(h: History): void {
  if (h.chain.hashes.length === 0) throw new Failure("not-enrolled");
}
