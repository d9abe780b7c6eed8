// Trustees and silence (docs/protocol.md section 12): what has to happen before grants under a policy open.
import type { Client } from "./client.ts";

export interface PolicyTerms {
  testimony: string;
  to: string; // the reader
  trustees: string[]; // accounts, typed or scanned, never taken from a list of the vault's
  threshold: number; // 0 without trustees
  silence: number; // days; 0: silence plays no part
  wait: number; // days after that in which she can say no
  note: string; // for the trustees, sealed with each share
}

export interface Trustee {
  account: string;
  answer: "none" | "agreed" | "declined" | "released";
  released: number; // Unix seconds, 0 for not
}

export interface Policy {
  policy: string;
  testimony: string;
  to: string;
  threshold: number;
  trustees: Trustee[];
  silence: number; // days
  wait: number;
  noticeAt: number; // Unix seconds, 0 where silence plays no part
  releaseAt: number;
  recipient: string; // of the shared key, "" where there is none
}

export declare function setPolicy(c: Client, policy: PolicyTerms): Promise<Policy>;
export declare function listPolicies(c: Client, testimony: string): Promise<Policy[]>;
/** introduce says whether whoever knows this account may ask for its key: trustees need it. */
export declare function introduce(c: Client, open: boolean): Promise<void>;

/** What a trustee sees, verified; doubt says that it is not so. */
export interface Trust {
  policy: string;
  of: string; // who named this trustee
  to: string; // the reader
  testimony: string;
  threshold: number;
  count: number; // of trustees
  silence: number; // days
  wait: number;
  note: string; // from the opened share
  answer: Trustee["answer"];
  open: boolean; // whether the vote is, now
  doubt?: import("./failure.ts").Failure;
}
export declare function trusts(c: Client): Promise<Trust[]>;
export declare function answerTrust(c: Client, policy: string, answer: "agreed" | "declined"): Promise<void>;
/** release seals this trustee's share to the reader. readerOf shows who that is, verified. */
export declare function release(c: Client, policy: string): Promise<void>;
