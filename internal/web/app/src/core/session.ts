// Signing in (docs/protocol.md section 4): a signature over the vault's challenge, never a decryption on demand, which would
// be an oracle on her own testimony. The token lives at most ten minutes, is bound to a proof key, and stays in memory.
import { json } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { newProofKey, type ProofKey } from "./dpop.ts";
import { Failure, is } from "./failure.ts";
import { compact, ownHeader } from "./jws.ts";
import { solve } from "./proofofwork.ts";
import { maybe, object, string, that, whole, word } from "./shape.ts";

export interface Credentials {
  readonly key: ProofKey;
  readonly token: string;
}

export interface Session {
  live: Credentials | undefined;
  until: number; // milliseconds of the local clock
  signingIn: Promise<Credentials> | undefined; // many calls, one sign-in
  nonce: string; // the vault's newest
  ahead: number; // milliseconds by which the vault's clock is ahead
}

const margin = 30_000; // before its end a token is replaced
const tries = 3;

export function newSession(): Session {
  return { live: undefined, until: 0, signingIn: undefined, nonce: "", ahead: 0 };
}

/** time is the vault's, in Unix seconds, or the local one before it was told: the clocks of phones are wrong. A vault that lies
 *  about it makes an ended accreditation look alive: compare skew with reason. */
export function time(c: Client): number {
  return Math.floor((c.now() + c.session.ahead) / 1000);
}

/** skew is how many seconds the vault's clock is ahead of this device's. */
export function skew(c: Client): number {
  return Math.round(c.session.ahead / 1000);
}

/** tell sets the clock by what the vault said in answer to what was sent at a moment. */
export function tell(c: Client, sent: number, seconds: number): void {
  c.session.ahead = seconds * 1000 - sent;
}

/** credentials gives a live session, signing in when there is none. Nobody's stopping stops it: others may wait for it too. */
export function credentials(c: Client): Promise<Credentials> {
  const { session } = c;
  if (session.live !== undefined && c.now() < session.until) return Promise.resolve(session.live);
  session.signingIn ??= signIn(c).finally(() => {
    session.signingIn = undefined;
  });
  return session.signingIn;
}

/** signOut forgets the session if it is still the one that was refused, or whatever it is. */
export function signOut(c: Client, refused?: string): void {
  if (refused === undefined || c.session.live?.token === refused) c.session.live = undefined;
}

async function signIn(c: Client): Promise<Credentials> {
  for (let n = 1; ; n++) {
    try {
      return await signInOnce(c);
    } catch (error) {
      // A challenge whose answer was lost is spent: begin with a new one.
      if (n === tries || !is(error, "unavailable")) throw error;
    }
  }
}

const challenge = object({ nonce: string, time: whole, work: maybe(string) });
const answer = object({
  access_token: that(string, "no token", (v) => v !== ""),
  token_type: word("DPoP"), // else it is not bound to its key
  expires_in: whole,
});

/** worked is what the vault wants beside the login while many sign in: work for this very challenge. */
async function worked(asked: { nonce: string; work?: string | undefined }): Promise<object> {
  return asked.work === undefined ? {} : { work: asked.work, solution: await solve(asked.work, asked.nonce) };
}

async function signInOnce(c: Client): Promise<Credentials> {
  const keys = keysOf(c);
  const sent = c.now();
  const asked = await json(c, { method: "POST", path: "/v1/session/challenge", repeat: true }, challenge);
  tell(c, sent, asked.time);
  const key = await newProofKey();
  const claims = { iss: keys.thumbprint, aud: c.server, nonce: asked.nonce, iat: asked.time, cnf: { jkt: key.thumbprint } };
  const login = await compact(ownHeader("tv-login+jwt", keys.publicKey), claims, (bytes) => keys.sign(bytes));
  const given = await json(c, { method: "POST", path: "/v1/session", body: { login, ...(await worked(asked)) }, proof: key }, answer);
  const live = { key, token: given.access_token };
  c.session.live = live;
  c.session.until = c.now() + given.expires_in * 1000 - margin;
  if (given.expires_in <= 0) throw new Failure("nonsense", "the session is over before it began");
  return live;
}
