// Opening an account (docs/protocol.md sections 5 and 7; in Go api/client/enrol.go). The roster comes first: keys of a vault
// with other stewards are not shown to it. The statement `key` begins the chain and binds her recipient to her signing key.
import { json, post } from "./call.ts";
import { append, newChain, noHead } from "./chain.ts";
import { fold } from "./book.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held, problemIs } from "./failure.ts";
import { enrolledIn, forget, history, refresh, remember } from "./history.ts";
import { solve } from "./proofofwork.ts";
import { stewards, type Stewards } from "./roster.ts";
import { accepted, inLine, receipted, signAll } from "./say.ts";
import { maybe, object, string, whole, word } from "./shape.ts";
import { saying } from "./statement.ts";
import { vaultInfo } from "./vault.ts";

export type Role = "participant" | "researcher" | "steward" | "partner";

/** Who may enrol: anybody after a proof of work, with an invitation, or participants with a partner's invitation. */
export interface Door {
  mode: "open" | "code" | "partners";
  bits: number; // of work in the open mode
}

export interface EnrolOptions {
  signal?: AbortSignal;
  /** Told the share of the expected work that is done, 0 to 1 and beyond. */
  watch?: (share: number) => void;
  /** Does the work elsewhere, in the worker: a page that computes does not answer. */
  solve?: typeof solve;
}

const enrolment = object({ mode: word("open", "code", "partners"), challenge: maybe(string), bits: maybe(whole) });

/** door says how one gets in. Needs no keys. */
export async function door(c: Client): Promise<Door> {
  const e = await json(c, { method: "GET", path: "/v1/enrolment", repeat: true }, enrolment);
  return { mode: e.mode, bits: e.bits ?? 0 };
}

/** What is known of an enrolment before it is asked for. */
export interface Ahead {
  readonly since: number; // milliseconds of the local clock
  readonly roster: Promise<Stewards>;
  readonly work: Promise<object>;
}

/** An hour is how long the vault takes work; this leaves room. */
const fresh = 45 * 60_000;

/** prepare does for new keys what their enrolment needs before anything of it is sent, while she is still writing: on a slow
 *  line it is most of the waiting. The vault learns from it no more than from an enrolment: somebody asked for work. Nothing comes of a failure. */
export async function prepare(c: Client): Promise<void> {
  try {
    const { roster, work } = aheadOf(c, {});
    await Promise.all([vaultInfo(c), history(c), roster, work]);
  } catch {
    c.ahead = undefined;
  }
}

/** aheadOf begins what has not been begun. */
function aheadOf(c: Client, options: EnrolOptions): Ahead {
  if (c.ahead === undefined || c.now() - c.ahead.since > fresh) {
    c.ahead = { since: c.now(), roster: stewards(c), work: work(c, options) };
    for (const promise of [c.ahead.roster, c.ahead.work]) promise.catch(() => undefined); // whoever waits hears of it
  }
  return c.ahead;
}

/** enrol opens the account of the client's keys; enrolling twice is enrolling once. Codes: wrong-vault, roster-broken,
 *  by-invitation, other-role, too-hard, vault-refused (enrolment-refused). */
export async function enrol(c: Client, role: Role, invitation = "", options: EnrolOptions = {}): Promise<void> {
  const keys = keysOf(c);
  const works = invitation === "" && role !== "steward";
  try {
    // All of it is asked at once, and nothing of hers is shown before the roster has been verified.
    const asked = works ? aheadOf(c, options) : { roster: stewards(c), work: Promise.resolve(invitation === "" ? {} : { invitation }) };
    const [{ now }, request] = await unless(options.signal, Promise.all([asked.roster, asked.work, vaultInfo(c)])); // the last tells the time
    if (role === "steward" && !now.names.has(keys.thumbprint)) throw new Failure("refused", "the key is not in the roster yet");
    await inLine(c, () => firstWord(c, role, request));
  } finally {
    c.ahead = undefined; // it is good for one enrolment, or for none
  }
}

/** unless waits for a promise that was begun without this signal. */
function unless<T>(signal: AbortSignal | undefined, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Failure("stopped"));
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", stop));
  });
}

/** work is what the vault asks of somebody without an invitation. */
async function work(c: Client, options: EnrolOptions): Promise<object> {
  const e = await json(c, { method: "GET", path: "/v1/enrolment", repeat: true, signal: options.signal }, enrolment);
  if (e.mode !== "open" || e.challenge === undefined) throw new Failure("by-invitation");
  const { signal, watch } = options;
  const how = { ...(signal === undefined ? {} : { signal }), ...(watch === undefined ? {} : { watch }) };
  const solution = await (options.solve ?? solve)(e.challenge, keysOf(c).thumbprint, how);
  return { challenge: e.challenge, solution };
}

async function firstWord(c: Client, role: Role, request: object): Promise<void> {
  const { thumbprint, recipient } = keysOf(c);
  const chain = newChain(thumbprint, c.vault);
  const [key] = await signAll(c, { chain, book: fold(chain) }, [saying("key", { role, recipient })]);
  if (key === undefined) throw new Failure("receipt");
  forget(c);
  try {
    const answer = await post(c, "/v1/accounts", { statement: key.compact, ...request }, accepted, { signed: false });
    await receipted(c, key, answer);
    const whole = held("chain", () => append(chain, key));
    remember(c, { chain: whole, book: fold(whole) }, noHead);
  } catch (error) {
    if (!problemIs(error, "conflict", "chain-conflict")) throw error;
    if ((await enrolled(c)) !== role) throw new Failure("other-role");
  }
}

/** enrolled says whether the keys have an account here, and of what role: "" for none (check your words). */
export async function enrolled(c: Client): Promise<Role | ""> {
  const [first] = (await refresh(c)).chain.statements;
  return first?.act === "key" ? first.body.role : "";
}

/** invite makes a code for one account, good for seven days. Stewards and partners. */
export async function invite(c: Client, role: Role): Promise<{ invitation: string; expires: number }> {
  enrolledIn(await history(c));
  return post(c, "/v1/invitations", { role }, object({ invitation: string, expires: whole }));
}
