// Changing words (docs/protocol.md section 13; in Go api/client/rekey.go): for words that somebody else may have seen. Everything of
// hers is wrapped to the new keys on this device and handed over in one request, so that an interruption at any point leaves all
// of it with the old words or all with the new. The account, its chain and its grants go on. What somebody had fetched with the
// old words stays theirs. Have the new words written down before.
import { base64url } from "./bytes.ts";
import { fold } from "./book.ts";
import { busy, post } from "./call.ts";
import { append, headOf, verify } from "./chain.ts";
import { keysOf, newClient, type Client } from "./client.ts";
import { Failure, held, is, problemIs } from "./failure.ts";
import { enrolledIn, fetchChain, forget, refresh, remember, type History } from "./history.ts";
import { rekeyText } from "./lineage.ts";
import { hashOf } from "./names.ts";
import { claimed, ownHeader } from "./address.ts";
import { accepted, inLine, receipted, signAll } from "./say.ts";
import type { Binding, Keys } from "./sealer.ts";
import { time } from "./session.ts";
import { list, object, string } from "./shape.ts";
import { headAfter, saying, sign, type Saying, type Statement } from "./statement.ts";
import { cardOf } from "./titles.ts";
import { vaultInfo } from "./vault.ts";

const conflicts = 4;

/** rekey makes next the keys of the account and gives a client of them. Asking again after a failure is safe: what has happened
 *  already is found out and not done twice. It is also the way on from chain/other-words. */
export function rekey(c: Client, next: Keys): Promise<Client> {
  if (next.thumbprint === keysOf(c).thumbprint) throw new Failure("refused", "these are the words you have already");
  const n = newClient({ server: c.server, vault: c.vault, keys: next, kept: c.seen, language: c.language, again: c.again, over: c.over, fetch: c.fetch,
    now: c.now, random: c.random, pause: c.pause });
  return inLine(c, async () => {
    await vaultInfo(c);
    for (let attempt = 1; ; attempt++) {
      const before = await standing(c, n);
      if (before === undefined) return n;
      try {
        await handOver(c, before.h, before.via, n);
        return n;
      } catch (error) {
        if (!undecided(error) || attempt === conflicts) throw error;
      }
    }
  });
}

/** undecided are the refusals after which looking again is the next step: another device acted, or an earlier attempt arrived and
 *  its answer was lost. */
function undecided(error: unknown): boolean {
  return problemIs(error, "chain-conflict", "conflict") || busy(error) || is(error, "not-enrolled");
}

/** standing is the history that is to be handed over, and in whose session: the old keys' or, where a restored vault has made those
 *  void, the new ones'. Undefined means that it has happened already. */
async function standing(c: Client, n: Client): Promise<{ h: History; via: Client } | undefined> {
  const old = await own(c);
  if (old !== undefined) return { h: old, via: c };
  try {
    const now = await refresh(n);
    if (now.chain.keys.includes(keysOf(c).thumbprint)) return undefined;
  } catch (error) {
    if (!(error instanceof Failure && error.also === "other-words")) throw error;
    return { h: await readAs(n, keysOf(c)), via: n };
  }
  throw new Failure("not-enrolled");
}

/** own is the chain in the hands of the client's keys; to a key that is void the vault shows nothing. */
async function own(c: Client): Promise<History | undefined> {
  try {
    const h = await refresh(c);
    return h.chain.hashes.length === 0 ? undefined : h;
  } catch (error) {
    if (is(error, "tail-cut", "not-enrolled")) return undefined;
    throw error;
  }
}

/** readAs reads the chain in one session and verifies it as other keys' one. */
async function readAs(n: Client, keys: Keys): Promise<History> {
  const { entries, erased } = await fetchChain(n);
  const chain = verify(keys.thumbprint, n.vault, entries, erased);
  const h = { chain, book: fold(chain) };
  enrolledIn(h);
  return h;
}

interface Wrapped {
  testimony: string;
  card: string;
  headers: string[];
}

const answer = object({ account: string, accepted: list(accepted) });

/** handOver signs and sends everything, and holds the answer against it. */
async function handOver(c: Client, h: History, via: Client, n: Client): Promise<void> {
  const [bodies, testimonies]: [Saying[], Wrapped[]] = [[], []];
  for (const testimony of [...h.book.testimonies].filter(([, t]) => !t.erased && t.card !== "").map(([id]) => id).sort()) {
    const one = await wrap(c, h, via, n, testimony);
    bodies.push(one.said);
    testimonies.push(one.wrapped);
  }
  const signed = await signOver(c, h, n, bodies);
  forget(c);
  const said = await post(via, "/v1/rekeys", { statements: signed.map((s) => s.compact), testimonies }, answer);
  if (said.accepted.length !== signed.length) throw new Failure("receipt", "another number of answers than statements");
  for (const [i, s] of signed.entries()) await receipted(c, s, said.accepted[i]);
  const chain = held("chain", () => signed.reduce(append, h.chain));
  remember(n, { chain, book: fold(chain) }, headOf(h.chain));
}

/** signOver makes the rekey statement by the old key, with the new one's proof, and what follows by the new. */
async function signOver(c: Client, h: History, n: Client, bodies: Saying[]): Promise<Statement[]> {
  const { publicKey, recipient } = keysOf(n);
  const [head, key] = [headOf(h.chain), base64url(publicKey)];
  const proof = await keysOf(n).sign(rekeyText(c.vault, h.chain.account, head.sha256, key, recipient));
  const signed = await signAll(c, h, [saying("rekey", { key, recipient, proof: base64url(proof) })]);
  for (const body of bodies) {
    const last = signed.at(-1);
    if (last === undefined) throw new Failure("receipt");
    signed.push(await sign({ signer: keysOf(n), vault: c.vault, now: time(c), random: c.random }, headAfter(last), body));
  }
  return signed;
}

/** wrap opens what is hers with the old keys and wraps it to the new ones: what her own statements name, and nothing that the
 *  vault adds. */
async function wrap(c: Client, h: History, via: Client, n: Client, testimony: string): Promise<{ said: Saying; wrapped: Wrapped }> {
  const claim = await claimed(via, testimony);
  const card = await keysOf(n).sealCard(await cardOf(c, h, testimony, claim.card));
  const hers = h.book.testimonies.get(testimony);
  const parts = new Map<number, Binding>(hers?.parts);
  // Of one that she handed over to be sealed and has not adopted, the binding is the vault's word; wrapping it to herself gives
  // nobody anything.
  for (const number of hers?.received.keys() ?? []) {
    const there = claim.parts.find((p) => p.n === number);
    if (there === undefined) throw new Failure("withheld");
    parts.set(number, there);
  }
  const [headers, said]: [string[], { n: number; header_sha256: string }[]] = [[], []];
  for (const [number, binding] of [...parts].sort(([a], [b]) => a - b)) {
    const header = await keysOf(c).rewrap(await ownHeader(via, testimony, number), binding, keysOf(n).recipient);
    headers.push(base64url(header));
    said.push({ n: number, header_sha256: hashOf(header) });
  }
  return { said: saying("rewrap", { testimony, card_sha256: hashOf(card), parts: said }), wrapped: { testimony, card: base64url(card), headers } };
}
