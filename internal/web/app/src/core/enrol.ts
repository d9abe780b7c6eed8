// Opening an account (docs/protocol.md sections 5 and 7; in Go api/client/enrol.go). The roster comes first: keys of a vault
// with other stewards are not shown to it. The statement `key` begins the chain and binds her recipient to her signing key.
import { json, post } from "./call.ts";
import { newChain } from "./chain.ts";
import { fold } from "./book.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, problemIs } from "./failure.ts";
import { enrolledIn, forget, history, refresh } from "./history.ts";
import { solve } from "./proofofwork.ts";
import { stewards } from "./roster.ts";
import { accepted, inLine, receipted, signAll } from "./say.ts";
import { maybe, object, string, whole, word } from "./shape.ts";
import { saying } from "./statement.ts";
import { vault } from "./vault.ts";

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

/** enrol opens the account of the client's keys; enrolling twice is enrolling once. Codes: wrong-vault, roster-broken,
 *  by-invitation, other-role, too-hard, vault-refused (enrolment-refused). */
export async function enrol(c: Client, role: Role, invitation = "", options: EnrolOptions = {}): Promise<void> {
  const keys = keysOf(c);
  const { now } = await stewards(c);
  if (role === "steward" && !now.names.has(keys.thumbprint)) throw new Failure("refused", "the key is not in the roster yet");
  await vault(c); // tells the time, before there is a session
  const request = await application(c, role, invitation, options);
  await inLine(c, () => firstWord(c, role, request));
}

/** application is an enrolment but for its statement. */
async function application(c: Client, role: Role, invitation: string, options: EnrolOptions): Promise<object> {
  if (invitation !== "") return { invitation };
  if (role === "steward") return {};
  const e = await json(c, { method: "GET", path: "/v1/enrolment", repeat: true }, enrolment);
  if (e.mode !== "open" || e.challenge === undefined) throw new Failure("by-invitation");
  const { signal, watch } = options;
  const work = { ...(signal === undefined ? {} : { signal }), ...(watch === undefined ? {} : { watch }) };
  const solution = await (options.solve ?? solve)(e.challenge, keysOf(c).thumbprint, work);
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
