// Saying that she is there. Every other act of hers says so as well. When it returns, nothing is given out any more on the
// strength of her silence.
import type { Client } from "./client.ts";
import { sayOne } from "./say.ts";
import { saying } from "./statement.ts";

export async function checkIn(c: Client): Promise<void> {
  await sayOne(c, "/v1/checkins", () => saying("checkin", {}));
}
