// Readers whom the stewards vouch for, as verified statements have it (in Go api/client/researcher.go). What no steward signed
// is not here.
import { recordShape, vet, type Claims, type Researcher } from "./accreditation.ts";
import { get } from "./call.ts";
import type { Client } from "./client.ts";
import { Failure, is } from "./failure.ts";
import { pages } from "./pages.ts";
import { foreign, stewards } from "./roster.ts";
import { time } from "./session.ts";
import { list, object } from "./shape.ts";

export type { Researcher } from "./accreditation.ts";

/** recordOf is the vault's word for a reader. */
export function recordOf(c: Client, account: string): Promise<Claims> {
  return get(c, `/v1/researchers/${encodeURIComponent(account)}`, recordShape);
}

/** researcher verifies one reader. Codes: not-found, recipient-swapped, not-accredited, too-few-stewards,
 *  accreditation-over, accreditation-stopped, roster-broken, wrong-vault. */
export async function researcher(c: Client, account: string): Promise<Researcher> {
  const record = await recordOf(c, account);
  return vet(c, account, record, await stewards(c), time(c));
}

const page = object({ researchers: list(recordShape) });

/** researchers lists those who are accredited now. Not vetted is ordinary, and left out; swapped is not. That somebody is
 *  missing cannot be noticed. */
export async function researchers(c: Client): Promise<Researcher[]> {
  const all = await pages(c, "/v1/researchers", page, (p) => p.researchers);
  const known = await stewards(c);
  return all.flatMap((record) => {
    const key = foreign(c, record.key);
    if (key === undefined) throw new Failure("recipient-swapped");
    try {
      return [vet(c, key.issuer, record, known, time(c))];
    } catch (error) {
      if (is(error, "not-accredited", "too-few-stewards", "accreditation-over", "accreditation-stopped")) return [];
      throw error;
    }
  });
}
