// What can go wrong, by a code that stays: screens translate the code, nobody shows the message. A failure that is
// `untrusted` means that the vault, or what it sent, is not what signatures say it should be: nothing was shared or changed
// on the strength of it. The rest says nothing bad about the vault. Messages name no content, no words and no address.
// The Go side of this list, with a sentence for each, is api/client/errors.go.

/** Codes that mean: the vault's answer cannot be trusted. */
export const distrusts = [
  "wrong-vault", // the server speaks for another vault than the card: nothing was sent to it
  "roster-broken", // the stewards of today do not follow from those of the founding
  "recipient-swapped", // a key was answered that is not the one asked for or vetted
  "planted", // something in the list that she never signed
  "card-swapped", // a card that is not the last one she signed
  "part-swapped", // another header or digest than she signed for this part
  "payload-swapped", // the bytes are not those that were signed for
  "commitment", // the key opens the content, but is not the one committed to
  "stored", // the vault confirms other bytes than were sent to it
  "upload", // the vault contradicts itself about how much has arrived
  "upload-swapped", // an upload that is not as she began it
  "chain", // her chain of statements is not whole
  "other-words", // the chain does not go on with these words
  "given-up", // the chain has gone on with other words than these
  "tail-cut", // the newest statements are missing
  "forked", // the chain is another one than was kept
  "receipt-keys", // the keys of its receipts do not follow from the kept one, or not from each other
  "receipt", // no valid receipt for what was just signed
  "clock", // the vault's clock stands before what was signed already
  "grant-forged", // a grant that its giver did not make for this reader
  "terms-old", // terms that were in force before, shown as if they still were
  "request-forged", // a request that the reader of the grant did not sign
  "withheld", // something that she signed for is not in the vault's list
  "revoked", // the vault still calls a grant live that she revoked
  "revocation", // no valid word of the vault's that a grant has ended
  "reply-forged", // an answer that the reader did not sign
  "share-swapped", // a share that its trustee did not sign for
  "trust-forged", // a policy that its maker did not make for this trustee
  "note-forged", // something brought for which nobody vouches as it says, or that is meant for somebody else
  "too-early", // a vote that the vault opens before its time
  "nonsense", // an answer that contradicts itself or the protocol
] as const;

/** Codes that say nothing bad about the vault. */
export const troubles = [
  "unavailable", // no answer, or one that asks to come back later: nothing is lost
  "stopped", // the caller stopped it
  "not-found", // not there, not hers, not granted or no longer granted
  "taken-back", // it could be opened when the download began and cannot any more
  "changed", // the part was locked anew while it was read
  "damaged", // the vault says that it no longer has the part as it was stored
  "not-enrolled", // the keys have no account here; perhaps a word is wrong
  "no-keys", // the call needs an account's keys
  "own-keys", // a header that these keys do not open
  "classic", // a reader with a classic key cannot be joined to a post-quantum part
  "reader-silent", // the reader owes somebody an answer to the end of a grant
  "file-changed", // a file that is not what it was when it was first read
  "other-file", // an upload under this name was begun with another file: nothing was sent
  "said-otherwise", // something else was said of the file when its upload began
  "not-adopted", // sealed by the vault, and not yet hers
  "view-only", // her terms do not allow keeping a copy
  "no-export", // her terms keep the part within the vault
  "no-partner", // the stewards do not vouch for this partner, or its officers not for this key
  "not-accredited", // nobody vouches for this reader: nothing was shared
  "too-few-stewards", // too few vouch
  "accreditation-over", // the term has ended or not begun
  "accreditation-stopped", // a steward has suspended the reader
  "not-released", // trustees or silence: not yet
  "false-shares", // too few right shares: see accounts
  "old-share", // a share that is sealed to words which this trustee has given up
  "by-invitation", // the vault takes new accounts by invitation
  "other-role", // these words have an account of another kind
  "too-hard", // the vault asks for more work than a phone should do
  "wider", // the new terms allow something that those in force do not
  "revoked-before", // she has taken this grant back already
  "number-taken", // another device of hers has used the part's number
  "busy-chain", // another device of hers keeps signing
  "erased", // it has been erased, as she asked
  "refused", // what was asked for does not fit what is there: nothing was sent
  "quota", // the account is full
  "too-large", // larger than the vault takes
  "too-many", // too many requests
  "vault-refused", // any other refusal of the vault: see problem
] as const;

export type Distrust = (typeof distrusts)[number];
export type Trouble = (typeof troubles)[number];
export type Code = Distrust | Trouble;

/** What the vault said of a refusal (RFC 9457). Title and detail are in the caller's language; show them as text only. */
export interface Problem {
  readonly name: string; // "" for an answer that is not the vault's
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly head?: { readonly seq: number; readonly sha256: string }; // of chain-conflict
  readonly limit?: number; // of too-large and quota
}

export interface Particulars {
  readonly problem?: Problem;
  readonly retryAfter?: number; // seconds
  readonly accounts?: readonly string[]; // of false-shares
  readonly also?: Distrust; // of chain: what it means
  readonly cause?: unknown;
}

/** The only error that leaves this folder on purpose. */
export class Failure extends Error {
  readonly code: Code;
  readonly problem: Problem | undefined;
  readonly retryAfter: number | undefined;
  readonly accounts: readonly string[] | undefined;
  readonly also: Distrust | undefined;

  constructor(code: Code, message = "", more: Particulars = {}) {
    super(message === "" ? code : `${code}: ${message}`, { cause: more.cause });
    this.name = "Failure";
    this.code = code;
    this.problem = more.problem;
    this.retryAfter = more.retryAfter;
    this.accounts = more.accounts;
    this.also = more.also;
  }

  /** The vault, or what it sent, is not what signatures say it should be. Keep the answer as evidence. */
  get untrusted(): boolean {
    return (distrusts as readonly string[]).includes(this.code);
  }
}

/** is says whether an error is a failure of one of these codes. */
export function is(error: unknown, ...codes: Code[]): error is Failure {
  return error instanceof Failure && codes.includes(error.code);
}

/** codeOf names any error: what is none of ours is a fault of this program or of the browser. */
export function codeOf(error: unknown): Code | "fault" {
  return error instanceof Failure ? error.code : "fault";
}

/** untrusted says whether an error accuses the vault. */
export function untrusted(error: unknown): boolean {
  return error instanceof Failure && error.untrusted;
}

/** problemIs says whether the vault refused with a problem of one of these names. */
export function problemIs(error: unknown, ...names: string[]): boolean {
  return error instanceof Failure && error.problem !== undefined && names.includes(error.problem.name);
}

/** held runs a check that throws anything and makes it a failure of one code. */
export function held<T>(code: Code, what: () => T): T {
  try {
    return what();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure(code, cause instanceof Error ? cause.message : "", { cause });
  }
}
