// The card of a testimony: title, language, labels, warnings, and which part was made from which. She signs its digest, so
// nobody can put another title over her testimony or bring an old card back. (card.ts seals and opens the file.)
import { base64url, type Bytes } from "./bytes.ts";
import { post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure } from "./failure.ts";
import type { History } from "./history.ts";
import { surely, testimonyOf } from "./known.ts";
import { described, type Described } from "./described.ts";
import { hashOf } from "./names.ts";
import { claimed, pathOf } from "./address.ts";
import { accepted, sayWith } from "./say.ts";
import type { Card } from "./sealer.ts";
import { saying } from "./statement.ts";

/** cardOf opens a card only if it is the last one she signed. */
export async function cardOf(c: Client, h: History, testimony: string, file: Bytes): Promise<Card> {
  const signed = h.book.testimonies.get(testimony)?.card ?? "";
  if (signed === "") throw new Failure("planted");
  if (hashOf(file) !== signed) throw new Failure("card-swapped");
  return keysOf(c).openCard(file);
}

/** setCard replaces the card of a testimony. */
export async function setCard(c: Client, testimony: string, card: Card): Promise<void> {
  const file = await keysOf(c).sealCard(card);
  await sayWith(c, (h) => {
    testimonyOf(h, testimony);
    return saying("card", { testimony, card_sha256: hashOf(file) });
  }, (statement) => post(c, `${pathOf(testimony)}/card`, { statement, card: base64url(file) }, accepted, { method: "PUT" }));
}

/** describe puts label and link of a new part on the card as it stands. */
export async function describe(c: Client, testimony: string, n: number, part: Described): Promise<void> {
  if ((part.label ?? "") === "" && part.info.derived_from === 0) return;
  const card = await surely(c, async (h) => cardOf(c, h, testimony, (await claimed(c, testimony)).card));
  await setCard(c, testimony, described(card, n, part));
}
