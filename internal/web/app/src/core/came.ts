// What a reader is told of how a part came that a partner brought (docs/adr/0032; in Go api/client/came.go). Her grant says it, so that no
// vault can leave it out or make it better; who brought it is told only where she names the note.
import { claimed as claimedOf } from "./address.ts";
import type { Bodies, GrantedPart } from "./bodies.ts";
import { adoptionOf, broughtPart } from "./brought.ts";
import type { Client } from "./client.ts";
import { claimed, peek, type Assurance } from "./delivery.ts";
import { Failure, held } from "./failure.ts";
import type { History } from "./history.ts";
import { hashOf } from "./names.ts";
import { remembering, vouch } from "./organisations.ts";
import { maybe, object, string, boolean, word, type Of } from "./shape.ts";

type Told = NonNullable<GrantedPart["brought"]>;

/** toldOf is what a grant says of its parts, by number. A part whose note is not the one she signed for is refused. */
export async function toldOf(c: Client, h: History, testimony: string, parts: readonly number[], named: boolean): Promise<Map<number, Told>> {
  const out = new Map<number, Told>();
  if (!parts.some((n) => adoptionOf(h, testimony, n) !== undefined)) return out;
  for (const { n, delivered } of (await claimedOf(c, testimony)).parts) {
    const found = broughtPart(h, testimony, n, delivered?.note);
    if (!parts.includes(n) || found === undefined) continue;
    if (found instanceof Failure) throw found;
    out.set(n, { assurance: found.assurance, claimed: found.claimed, note_sha256: named ? hashOf(delivered?.note ?? "") : "" });
  }
  return out;
}

/** How a part came, as its reader is told. */
export interface Came {
  n: number;
  assurance: Assurance;
  claimed: boolean; // it lay in a collection of the partner's before
  signed: boolean; // in her grant; else it is the vault's word
  partner: string; // with the day, where she lets the reader see them
  day: number;
  note: string;
}

/** deliveredShape is the vault's word for it. */
export const deliveredShape = maybe(object({ assurance: word("partner-device", "gateway", "vault", "field-form"), claimed: boolean, note: maybe(string) }));

/** cameOf holds the vault's word against her grant. Leaving it out, or making it better or worse, is refused: grant-forged. */
export function cameOf(c: Client, grant: Readonly<Bodies["grant"]>, n: number, told: Of<typeof deliveredShape>): Came | undefined {
  const signed = grant.parts.find((p) => p.n === n)?.brought;
  if (signed === undefined) { // given before grants said it, or her own
    return told && { n, assurance: told.assurance, claimed: told.claimed, signed: false, partner: "", day: 0, note: "" };
  }
  if (told?.assurance !== signed.assurance || told.claimed !== signed.claimed) throw new Failure("grant-forged", "the vault says otherwise how a part came");
  const came = { n, assurance: signed.assurance, claimed: signed.claimed, signed: true, partner: "", day: 0, note: "" };
  return signed.note_sha256 === "" ? came : { ...came, ...noted(c, signed, told.note ?? "") };
}

function noted(c: Client, signed: Told, note: string): Pick<Came, "partner" | "day" | "note"> {
  if (hashOf(note) !== signed.note_sha256) throw new Failure("grant-forged", "it comes without the note that she names");
  const said = held("grant-forged", () => peek(note)).payload;
  if (said.aud !== c.vault || said.assurance !== signed.assurance || claimed(said) !== signed.claimed) throw new Failure("grant-forged", "its note says otherwise");
  return { partner: said.partner, day: said.day, note };
}

/** bringerName is the partner's name, as stewards signed it; "" where nobody vouches for it, or only the vault says who it was. */
export async function bringerName(c: Client, came: Came): Promise<string> {
  const token = peek(came.note);
  if (token.payload.iss === token.payload.aud) return "";
  return (await vouch(token, remembering(c))).partner.name;
}
