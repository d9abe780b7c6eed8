// What stewards do: they vouch for people and never see content. Everything is verified before it is shown or signed.
import type { Client } from "./client.ts";
import type { Researcher } from "./readers.ts";

export interface Steward {
  name: string;
  key: string; // b64 Ed25519
  account: string;
}

/** A verified roster: it follows from the vault id by changes that enough stewards approved. */
export interface Roster {
  seq: number;
  day: string;
  practice: boolean;
  threshold: number;
  stewards: Steward[];
  head: string; // SHA-256 of the document
}

export interface Applicant {
  account: string;
  name: string;
  institution: string;
  purpose: string;
  voices: number; // stewards of today who have vouched so far
  threshold: number;
  mine: boolean; // this steward has
}

export interface Vouching {
  account: string;
  name: string;
  institution: string;
  purpose: string;
  from: number;
  until: number;
}

export interface Approval {
  accreditation: string;
  approvals: number;
  threshold: number;
  effective: boolean;
}

export declare function roster(c: Client): Promise<Roster>;
export declare function applications(c: Client): Promise<Applicant[]>;
/** accredit vouches for so many days from today, at most 366. When another steward has vouched already, the very same words
 *  are signed. agree is shown what is then signed. */
export declare function accredit(
  c: Client, account: string, days: number, agree?: (vouching: Vouching) => void | Promise<void>,
): Promise<Approval>;
/** suspend ends every accreditation in force of a researcher; one steward is enough. */
export declare function suspend(c: Client, account: string): Promise<void>;
export declare function accredited(c: Client): Promise<Researcher[]>;
/** proposeRoster writes and signs the roster that follows today's; others approve the document that comes back. */
export declare function proposeRoster(
  c: Client, threshold: number, stewards: { name: string; key: string }[],
): Promise<{ document: string; effective: boolean }>;
/** readProposal verifies that a document (b64 or JSON text) follows today's roster. */
export declare function readProposal(c: Client, document: string): Promise<{ now: Roster; next: Roster }>;
export declare function approveRoster(c: Client, document: string): Promise<boolean>;
