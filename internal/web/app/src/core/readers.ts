// Readers whom the stewards vouch for, as verified statements have it. What no steward signed is not here.
import type { Client } from "./client.ts";

export interface Researcher {
  account: string;
  recipient: string; // age1pq1…
  name: string;
  institution: string;
  purpose: string;
  accreditation: string; // SHA-256 of the accredit body
  from: number; // Unix seconds
  until: number; // excluded
  vouched: string[]; // names of today's stewards who signed
  silent: boolean; // owes somebody an answer; said of one who was asked for
}

/** researcher verifies one reader. Codes: not-found, recipient-swapped, not-accredited, too-few-stewards,
 *  accreditation-over, accreditation-stopped, roster-broken, wrong-vault. */
export declare function researcher(c: Client, account: string): Promise<Researcher>;
/** researchers lists those who are accredited now. That somebody is missing cannot be noticed. */
export declare function researchers(c: Client): Promise<Researcher[]>;
