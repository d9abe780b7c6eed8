// Erasing a testimony for ever.
import type { Client } from "./client.ts";

/** erase destroys headers, payloads, card, feed and the texts of the statements. left says that sealed bytes still lie in a
 *  place that did not answer; nothing opens them. What readers had fetched stays with them. */
export declare function erase(c: Client, testimony: string): Promise<{ left: boolean; backupsDays: number }>;
