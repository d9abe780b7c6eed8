// Pausing (docs/protocol.md section 11): nothing is opened until she lifts it. A code lets somebody she trusts do it.
import type { Client } from "./client.ts";

export interface Standing {
  pauses: { testimony: string; byCode: boolean }[]; // testimony "" is everything
  pauseCode: boolean; // whether a code is good
  notices: { day: number; kind: string; times: number }[]; // paused, paused-by-code, claimed, recovered, lifted
  silences: { policy: string; testimony: string; noticeAt: number; releaseAt: number }[];
}

/** pause and lift: "" is everything. Pausing twice is pausing once. */
export declare function pause(c: Client, testimony?: string): Promise<void>;
export declare function lift(c: Client, testimony?: string): Promise<void>;
/** newPauseCode makes a code and puts it in the place of the one before. Show it once: the vault gets its hash. */
export declare function newPauseCode(c: Client): Promise<string>;
export declare function endPauseCode(c: Client): Promise<void>;
/** codeIsWhole finds a slip of the pen by the check digit, in any numerals. */
export declare function codeIsWhole(text: string): boolean;
/** pauseByCode needs no keys; whether the code is good nobody learns from it. */
export declare function pauseByCode(c: Client, code: string): Promise<void>;
/** standing is what holds for the account as a whole; code withheld when a pause she signed is not shown. */
export declare function standing(c: Client): Promise<Standing>;
