// Taking back, of everything at once or of a part of it, and what became of it. Nothing but her words is needed.
import type { Client } from "./client.ts";
import type { Closure } from "./grants.ts";
import type { Revocation } from "./revocation.ts";

/** What she takes back. What is left out is all there is of it: {} is everything. */
export interface Scope {
  testimony?: string;
  part?: number; // of the testimony
  reader?: string;
}

export interface Withdrawal extends Closure {
  grant: string;
  testimony: string;
  reader: string;
  said: Revocation; // the vault's signed word
  receipt: string; // its text, to be kept
  known: boolean; // held against her own statements; of an erased testimony those are gone
}

/** withdraw: when it returns the vault serves nothing of it, and has signed so for each grant (else: revocation). */
export declare function withdraw(c: Client, scope: Scope): Promise<Withdrawal[]>;
/** withdrawals lists all she ever took back, with the reader's answer. */
export declare function withdrawals(c: Client): Promise<Withdrawal[]>;
/** withdrawn gives what has ended of one grant. */
export declare function withdrawn(c: Client, grant: string): Promise<Withdrawal[]>;
