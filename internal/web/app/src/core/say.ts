// Acts: statements that are signed behind the head of her chain and count once each has a receipt (docs/protocol.md sections 2
// and 3; in Go api/client/act.go). One act at a time, because statements form a chain; compare-and-set on its head: where
// another device of hers was faster, the plan runs again on the new history, so its checks always concern what is signed.
import { append, headOf, sameHead } from "./chain.ts";
import { fold } from "./book.ts";
import { post, type Call } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure, held, problemIs } from "./failure.ts";
import { enrolledIn, forget, history, refresh, remember, type History } from "./history.ts";
import { checkReceipt } from "./revocation.ts";
import { time } from "./session.ts";
import { object, string, whole, type Of } from "./shape.ts";
import { headAfter, sign, type Saying, type Statement } from "./statement.ts";
import { vaultInfo } from "./vault.ts";

/** The members that answer a statement. */
export const acceptedMembers = { statement_sha256: string, seq: whole, receipt: string };
export const accepted = object(acceptedMembers);
export type Accepted = Of<typeof accepted>;

/** A plan looks at her history and says what to sign. It runs again when the history has moved. */
export type Plan = (h: History) => Saying[] | Promise<Saying[]>;

const conflicts = 4;

/** say signs what plan asks for and sends it. */
export function say(c: Client, plan: Plan, send: (texts: string[]) => Promise<Accepted[]>): Promise<Statement[]> {
  return inLine(c, async () => {
    await vaultInfo(c); // before anything is signed: a statement for this vault is not for another
    for (let n = 0; n < conflicts; n++) {
      const { h, what } = await prepare(c, plan);
      const signed = await signAll(c, h, what);
      try {
        await deliver(c, h, signed, send);
        return signed;
      } catch (error) {
        if (!problemIs(error, "chain-conflict")) throw error;
      }
      await catchUp(c, h, signed[0]);
    }
    throw new Failure("busy-chain");
  });
}

/** inLine lets one act be made at a time; a failed one does not hold up the next. */
export function inLine<T>(c: Client, act: () => Promise<T>): Promise<T> {
  const mine = c.acting.then(act, act);
  c.acting = mine.catch(() => undefined);
  return mine;
}

/** prepare runs the plan on the history at hand. If that fails, the history may be what is wrong: another device of hers may
 *  have acted since. So it is read anew before anybody is accused. */
async function prepare(c: Client, plan: Plan): Promise<{ h: History; what: Saying[] }> {
  const h = await history(c);
  try {
    return { h, what: await plan(h) };
  } catch (error) {
    const now = await refresh(c);
    if (sameHead(headOf(now.chain), headOf(h.chain))) throw error;
    return { h: now, what: await plan(now) };
  }
}

/** signAll makes the statements that follow h, and refuses to date one before its predecessor. */
export async function signAll(c: Client, h: History, what: readonly Saying[]): Promise<Statement[]> {
  const last = h.chain.statements.at(-1);
  if (last !== undefined && time(c) < last.issuedAt) throw new Failure("clock");
  const out: Statement[] = [];
  let head = headOf(h.chain);
  for (const one of what) {
    const s = await sign({ signer: keysOf(c), vault: c.vault, now: time(c), random: c.random }, head, one);
    out.push(s);
    head = headAfter(s);
  }
  return out;
}

/** deliver sends statements and holds the answers against them. Until that is done nobody here knows whether the chain moved. */
async function deliver(c: Client, h: History, signed: Statement[], send: (texts: string[]) => Promise<Accepted[]>): Promise<void> {
  forget(c);
  const answers = await send(signed.map((s) => s.compact));
  if (answers.length !== signed.length) throw new Failure("receipt", "another number of answers than statements");
  for (const [i, s] of signed.entries()) await receipted(c, s, answers[i]);
  const chain = held("chain", () => signed.reduce(append, h.chain));
  remember(c, { chain, book: fold(chain) }, headOf(h.chain));
}

/** receipted checks the answer to a statement of her own. */
export async function receipted(c: Client, s: Statement, answer: Accepted | undefined): Promise<void> {
  if (answer?.statement_sha256 !== s.hash || answer.seq !== s.seq) throw new Failure("receipt", "it answers to another statement");
  checkReceipt(answer.receipt, (await vaultInfo(c)).receipt_keys, s);
}

/** catchUp reads on after the vault said that the chain has moved. A vault that says so and shows nothing new wants a second
 *  statement for the same place; one that shows the very statement it refused took it, and wants the act done twice. */
async function catchUp(c: Client, h: History, refused: Statement | undefined): Promise<void> {
  forget(c);
  const now = await history(c);
  if (sameHead(headOf(now.chain), headOf(h.chain))) throw new Failure("chain", "the vault says that it has moved and does not show how");
  if (now.chain.statements.some((s) => s.hash === refused?.hash)) throw new Failure("receipt", "the vault took it and says that it did not");
}

/** sayWith is say for one statement in a request of its own shape. */
export async function sayWith(
  c: Client, plan: (h: History) => Saying | Promise<Saying>, send: (text: string) => Promise<Accepted>,
): Promise<Statement> {
  const one: Plan = async (h) => {
    enrolledIn(h);
    return [await plan(h)];
  };
  const [said] = await say(c, one, async ([text = ""]) => [await send(text)]);
  if (said === undefined) throw new Failure("receipt");
  return said;
}

/** sayOne is say for one statement whose request is nothing else. */
export function sayOne(c: Client, path: string, plan: (h: History) => Saying | Promise<Saying>, more: Partial<Call> = {}): Promise<Statement> {
  return sayWith(c, plan, (statement) => post(c, path, { statement }, accepted, more));
}
