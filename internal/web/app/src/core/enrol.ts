// Opening an account. The roster comes first: keys of a vault with other stewards are not shown to it.
import type { Client } from "./client.ts";

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
}

/** door says how one gets in. Needs no keys. */
export declare function door(c: Client): Promise<Door>;
/** enrol opens the account of the client's keys; enrolling twice is enrolling once. Codes: wrong-vault, roster-broken,
 *  by-invitation, other-role, too-hard, vault-refused (enrolment-refused). */
export declare function enrol(c: Client, role: Role, invitation?: string, options?: EnrolOptions): Promise<void>;
/** enrolled says whether the keys have an account here, and of what role: "" for none (check your words). */
export declare function enrolled(c: Client): Promise<Role | "">;
/** invite makes a code for one account, good for seven days. Stewards and partners. */
export declare function invite(c: Client, role: Role): Promise<{ invitation: string; expires: number }>;
