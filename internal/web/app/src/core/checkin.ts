// Saying that she is there. Every other act of hers says so as well.
import type { Client } from "./client.ts";

export declare function checkIn(c: Client): Promise<void>;
