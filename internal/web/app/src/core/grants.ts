// Who may open what, on which terms: giving, renewing, narrowing, taking back. Before anything is wrapped to a reader's key
// the reader is verified (readers.ts), the header that the vault gives back is the one she signed for, and its key the one
// committed to. What agree was shown is what is signed.
import type { Client } from "./client.ts";
import type { Researcher } from "./readers.ts";
import type { Purpose, Terms } from "./terms.ts";

export type GrantState =
  | "revoked" | "ended" | "suspended" | "held" | "paused" | "waiting" | "withheld" | "used-up" | "live";
export type Consent =
  | "ConsentWithdrawn" | "ConsentRefused" | "ConsentRequestDeferred" | "ConsentRequested" | "ConsentExpired"
  | "ConsentRevoked" | "RenewedConsentGiven" | "ConsentGiven";

/** One opening, with what left in its session, at most. */
export interface Delivered {
  n: number;
  opened: number; // Unix seconds
  bytes: number;
  complete: boolean;
  export?: boolean; // taken out of the vault's world
}

export interface Offer {
  testimony: string;
  parts: number[];
  to: string; // the reader's account
  terms: Partial<Terms>; // what is left out is filled to the protective side
  policy?: string; // made by setPolicy for this reader
  /** Shown the verified reader and the terms with nothing left open. Throwing stops the grant. */
  agree?: (reader: Researcher, terms: Terms) => void | Promise<void>;
}

export interface Granted {
  grant: string;
  reader: Researcher;
  terms: Terms;
}

/** What the reader asks of her, by the reader's signed word. */
export interface Asked {
  purposes: Purpose[];
  until: number;
  day: number;
}

/** How the end of a grant stands with its reader. reply was verified; the rest is the vault's word. */
export interface Closure {
  state: "notified" | "acknowledged" | "destroyed" | "kept" | "silent";
  parts: number[];
  day: number;
  due: number;
  reply?: { reply: "acknowledged" | "destroyed" | "kept"; reason: string; day: number };
}

export interface GrantDetail {
  grant: string;
  testimony: string;
  grantee: string;
  day: number; // when she gave it
  parts: number[];
  terms: Terms; // in force
  policy: string; // "" for none
  revoked: boolean;
  state: GrantState; // the vault's word
  consent: Consent;
  asked?: Asked;
  answered?: { answer: "refused" | "deferred"; until: number };
  openings: Delivered[]; // oldest first
  closures: Closure[];
}

export declare function give(c: Client, offer: Offer): Promise<Granted>;
/** listGrants: codes planted, withheld, revoked, terms-old, request-forged, reply-forged. */
export declare function listGrants(c: Client, testimony: string): Promise<GrantDetail[]>;
/** renew gives new terms; change makes them of those in force, whose until comes as 0 (left so: twelve months). A grant that
 *  is over is made anew: the answer names the grant that counts. */
export declare function renew(
  c: Client, testimony: string, grant: string, change?: (inForce: Terms) => Partial<Terms>,
  agree?: (reader: Researcher, before: Terms, after: Terms) => void | Promise<void>,
): Promise<Granted>;
/** narrow takes back part of what a grant allows; code wider. */
export declare function narrow(c: Client, testimony: string, grant: string, change: (inForce: Terms) => Terms): Promise<Terms>;
/** revoke ends a grant. When it returns nothing more is served under it; the answer is what had left before. */
export declare function revoke(c: Client, testimony: string, grant: string): Promise<Delivered[]>;
/** refuseRequest and notNow answer what a reader asks. until: Unix seconds. */
export declare function refuseRequest(c: Client, testimony: string, grant: string): Promise<void>;
export declare function notNow(c: Client, testimony: string, grant: string, until: number): Promise<void>;
