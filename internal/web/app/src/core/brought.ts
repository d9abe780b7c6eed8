// How a part of hers came that a partner brought: it stays with the part for ever (in Go api/client/show.go). The note was verified when she
// adopted it, and her statement names its hash: what the vault shows later is that note or nothing.
import { claimed, peek, readable, type Assurance } from "./delivery.ts";
import { Failure } from "./failure.ts";
import type { History } from "./history.ts";
import { hashOf } from "./names.ts";

/** How a part came that a partner brought: for ever. */
export interface Brought {
  partner: string;
  day: number;
  assurance: Assurance;
  claimed: boolean;
  readable: boolean;
}

/** broughtPart says how one of her parts came, held against her adopt statement; undefined for what she made or handed over herself. A
 *  failure in its place: planted, withheld, part-swapped, note-forged. */
export function broughtPart(h: History, testimony: string, n: number, note: string | undefined): Brought | Failure | undefined {
  const adopt = adoptionOf(h, testimony, n);
  if (adopt === undefined) return note === undefined ? undefined : new Failure("planted");
  if (note === undefined) return new Failure("withheld");
  if (hashOf(note) !== adopt) return new Failure("part-swapped");
  try {
    const said = peek(note).payload;
    return { partner: said.partner, day: said.day, assurance: said.assurance, claimed: claimed(said), readable: readable(said) };
  } catch (cause) {
    return new Failure("note-forged", "", { cause });
  }
}

/** adoptionOf is the hash of the note by which she adopted a part; undefined for one that came in no tray. */
export function adoptionOf(h: History, testimony: string, n: number): string | undefined {
  let found: string | undefined;
  for (const { act, body } of h.chain.statements) {
    if (act === "received" && body.testimony === testimony && body.n === n) return undefined; // she handed it over herself
    if (act === "adopt" && body.testimony === testimony && body.n === n) found = body.received_sha256;
  }
  return found;
}
