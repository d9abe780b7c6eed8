// The reader's side: applying, the inbox, opening with promises, answering to endings. Every grant is verified: signed by the
// account it names, for this vault, this reader and this reader's key. An opening is recorded before its first byte.
import type { Client } from "./client.ts";
import type { Failure } from "./failure.ts";
import type { Closure, Delivered, GrantState } from "./grants.ts";
import type { OpenOptions, Opened } from "./testimonies.ts";
import type { Purpose, Terms } from "./terms.ts";

/** A grant in the inbox, by its giver's signed word. With doubt only grant is there. */
export interface Received {
  grant: string;
  from: string; // who granted it
  testimony: string;
  terms: Terms; // in force, of the newest statement that the vault shows
  parts: { n: number; length: number }[]; // length of the payload
  state: GrantState; // the vault's word
  statement: string; // the grant statement, to be kept
  changed: string; // the statement that the terms are from, "" if they are the grant's
  answer?: { answer: "refused" | "deferred"; until: number }; // hers to this reader's request
  policy: string; // what it waits for, "" for nothing
  shared: boolean; // sealed to a key that trustees share
}
export type Receiving = Received | { grant: string; doubt: Failure };

/** What lies beside an opened part, written first: the promises (docs/protocol.md section 8). */
export interface OpenedGrant extends Opened {
  received: Received;
}

export interface Ending extends Closure {
  grant: string;
  from: string;
  testimony: string; // "" once it is erased
  act: string; // revoke, withdraw, erase; "" once erased
  fetched: Delivered[];
  doubt?: Failure;
}

/** applicationOf says what this researcher applied with, and how it stands. */
export interface Applied {
  name: string;
  institution: string;
  purpose: string;
  state: "none" | "waiting" | "accredited" | "over" | "stopped";
  until: number; // of accredited
}

export declare function apply(c: Client, name: string, institution: string, purpose: string): Promise<void>;
export declare function applied(c: Client): Promise<Applied>;
export declare function inbox(c: Client): Promise<Receiving[]>;
export declare function granted(c: Client, grant: string): Promise<Received>;
/** openGranted is an opening: she sees it. Codes: not-found, taken-back, not-released, grant-forged, part-swapped,
 *  commitment, payload-swapped, changed. */
export declare function openGranted(c: Client, grant: string, n: number, options?: OpenOptions): Promise<OpenedGrant>;
/** keepGranted is openGranted for a copy: code view-only before anything is opened. */
export declare function keepGranted(c: Client, grant: string, n: number, options?: OpenOptions): Promise<OpenedGrant>;
/** askToRenew: purposes left empty are those in force, until left 0 is twelve months from today. */
export declare function askToRenew(c: Client, grant: string, purposes?: Purpose[], until?: number): Promise<void>;
export declare function endings(c: Client): Promise<Ending[]>;
/** reply answers to the end of a grant. She sees it. reason is of kept. */
export declare function reply(c: Client, grant: string, say: "acknowledged" | "destroyed" | "kept", reason?: string): Promise<void>;
