// Opening an account on a page: the worker, in which the secret and all keys stay, and a
// client that speaks to this vault in its name.
//
// Why the vault id may come from the server: the keys are made of the words and the id,
// so a server that names another vault gets other keys, and nothing of hers answers. Its
// first signs are shown, to be compared with the card.

import { fromBase64url, type Bytes } from "../core/bytes.ts";
import { newClient, type Client } from "../core/client.ts";
import { Failure } from "../core/failure.ts";
import { signOut } from "../core/session.ts";
import { unfolded, type Problem, type WordList } from "../core/phrase.ts";
import { vaultIdAt } from "../core/vault.ts";
import { connect, type VaultWorker, type WorkerKeys } from "../worker/client.ts";
import { spawn } from "../worker/spawn.ts";
import { onLock, type Held } from "./holder.ts";
import { language, place } from "./places.ts";

/** Keys on their way to being an account of this page. */
export interface Opening {
  readonly vault: string;
  readonly keys: WorkerKeys;
  /** account is the client with the keys, to be held or ended. */
  account(): Account;
  end(): void;
}

/** Account is what is held of an account opened here. */
export interface Account extends Held {
  readonly keys: WorkerKeys;
  readonly worker: VaultWorker;
}

/** vaultSigns are the first signs of a vault id, as cards show them. */
export function vaultSigns(vault: string): string {
  return vault.slice(0, 4) + "-" + vault.slice(4, 8);
}

let known: Promise<string> | undefined;

/** vaultHere asks once which vault this site is of. */
export function vaultHere(): Promise<string> {
  known ??= vaultIdAt(location.origin).catch((error: unknown) => {
    known = undefined; // a line that broke is asked again
    throw error;
  });
  return known;
}

/** A worker that may have keys, and the end of whatever goes on in their name. */
interface Started {
  readonly worker: VaultWorker;
  readonly over: AbortSignal;
  readonly end: () => void;
}

// A lock ends all of them: also words that are being looked at on their way to paper, and
// keys whose account the vault has not yet answered for, or it would open after the lock.
const started = new Set<Started>();
onLock((coming) => {
  for (const one of [...started]) if (one.over !== coming?.client.over) one.end();
});

let waiting: Started | undefined;

/** beReady starts what the first words will need while the page is being read: on a slow line each of it is a round trip. The
 *  worker that waits has nothing in it, is taken once, and is not used after a lock. */
export function beReady(): void {
  vaultHere().catch(() => undefined); // whoever needs it hears of it
  waiting ??= newWorker();
}

function startWorker(): Started {
  const ready = waiting === undefined || waiting.over.aborted ? newWorker() : waiting;
  waiting = undefined;
  return ready;
}

function newWorker(): Started {
  const port = spawn(place("worker.js") ?? "");
  const worker = connect(port, () => port.terminate());
  const over = new AbortController();
  const one: Started = { worker, over: over.signal, end: () => {
    started.delete(one);
    over.abort();
    worker.end();
  } };
  started.add(one);
  return one;
}

/** drawKeys makes new words, in the worker. */
export async function drawKeys(steward = false): Promise<Opening> {
  const vault = await vaultHere();
  const one = startWorker();
  return opening(vault, one, await one.worker.draw(steward ? "steward" : fromBase64url(vault)));
}

/** enterKeys reads words or digits as they were typed, or what a phone read from the square on a card. */
export async function enterKeys(typed: string, steward: boolean): Promise<Opening | { problem: Problem }> {
  const vault = await vaultHere();
  const text = fromCard(typed, vault);
  const lists = await listsFor(text);
  const one = startWorker();
  const entered = await one.worker.enter(text, lists, steward ? "steward" : fromBase64url(vault));
  if (!("problem" in entered)) return opening(vault, one, entered);
  one.end();
  return entered;
}

/** joinKeys makes lost words again of their shares. */
export async function joinKeys(shares: Bytes[], thumbprint: string): Promise<Opening> {
  const vault = await vaultHere();
  const one = startWorker();
  try {
    return opening(vault, one, await one.worker.joinWords(shares, fromBase64url(vault), thumbprint));
  } catch (error) {
    one.end();
    throw error;
  }
}

/** fromCard takes the vault's id off that stands before the digits of a card. Keys are never made for another vault than hers. */
function fromCard(typed: string, vault: string): string {
  const [, of, digits] = /^\s*([\w-]{43})\s+([\d\s]+)$/.exec(typed) ?? [];
  if (of !== undefined && of !== vault) throw new Failure("wrong-vault");
  return digits ?? typed;
}

function opening(vault: string, { worker, over, end }: Started, keys: WorkerKeys): Opening {
  const account = () => ({ keys, worker, end, client: clientOf(vault, keys, over) });
  return { vault, keys, end, account };
}

function clientOf(vault: string, keys: WorkerKeys, over: AbortSignal): Client {
  const client = newClient({ server: location.origin, vault, keys, over, language: language() });
  over.addEventListener("abort", () => signOut(client)); // its token, too, is not kept
  return client;
}

const lists = new Map<string, Promise<WordList>>();

/** list fetches one list of words, once. */
export function list(tag: "en" | "fr"): Promise<WordList> {
  let coming = lists.get(tag);
  if (!coming) {
    coming = fetchList(tag);
    lists.set(tag, coming);
    coming.catch(() => lists.delete(tag));
  }
  return coming;
}

async function fetchList(tag: string): Promise<WordList> {
  const answer = await fetch(place("list/" + tag) ?? "");
  if (!answer.ok) throw new Error("list " + tag);
  return unfolded(tag, await answer.text());
}

/** listsFor are the lists that reading a text needs: none for digits. */
export function listsFor(text: string): Promise<WordList[]> {
  return Promise.all(/\p{L}/u.test(text) ? [list("en"), list("fr")] : []);
}
