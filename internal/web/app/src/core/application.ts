// What a researcher says of themselves, and how it stands (in Go api/client/steward.go). Whether the stewards vouch is decided here
// as a participant's client would decide it.
import type { Client } from "./client.ts";
import { Failure, is } from "./failure.ts";
import { refresh } from "./history.ts";
import { researcher } from "./readers.ts";
import { sayOne } from "./say.ts";
import { saying, type StatementOf } from "./statement.ts";

/** What was applied with, and how it stands. */
export interface Applied {
  name: string;
  institution: string;
  purpose: string;
  state: "none" | "waiting" | "accredited" | "over" | "stopped";
  until: number; // of accredited
  vouched: string[]; // of accredited: names of stewards
}

/** apply says who this researcher is and why they ask, over their own key. Applying again replaces it. */
export async function apply(c: Client, name: string, institution: string, purpose: string): Promise<void> {
  await sayOne(c, "/v1/applications", (h) => {
    const key = h.chain.statements[0];
    if (key === undefined) throw new Failure("not-enrolled");
    return saying("apply", { key_sha256: key.hash, name, institution, purpose });
  });
}

/** applied looks at the newest application in the own chain, and at what stewards have said of it. */
export async function applied(c: Client): Promise<Applied> {
  const h = await refresh(c);
  const said = h.chain.statements.filter((s): s is StatementOf<"apply"> => s.act === "apply").at(-1);
  if (said === undefined) return { name: "", institution: "", purpose: "", state: "none", until: 0, vouched: [] };
  const { name, institution, purpose } = said.body;
  return { name, institution, purpose, ...(await standing(c)) };
}

async function standing(c: Client): Promise<Pick<Applied, "state" | "until" | "vouched">> {
  try {
    const { until, vouched } = await researcher(c, c.account);
    return { state: "accredited", until, vouched };
  } catch (error) {
    const none = { until: 0, vouched: [] };
    if (is(error, "accreditation-over")) return { state: "over", ...none };
    if (is(error, "accreditation-stopped")) return { state: "stopped", ...none };
    if (is(error, "not-found", "not-accredited", "too-few-stewards")) return { state: "waiting", ...none };
    throw error;
  }
}
