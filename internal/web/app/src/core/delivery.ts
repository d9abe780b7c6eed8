// The note under which somebody brings a sealed item to her (docs/protocol.md section 17; in Go internal/delivery). It says which
// bytes, sealed to which recipient, by whom, and what the way they came is worth. Peeking says what it claims; whose key signed it
// is for organisations.ts to say.
import { takeApart, type Token } from "./clientkey.ts";
import { hash, id, idOrNone } from "./names.ts";
import type { Binding } from "./sealer.ts";
import { object, string, that, whole, word, type Of } from "./shape.ts";
import { day } from "./terms.ts";

/** Who could have read or changed an item before it was sealed to her, the best first. */
export const assurances = ["partner-device", "gateway", "vault", "field-form"] as const;
export type Assurance = (typeof assurances)[number];

const maxNote = 4096;
const maxPayload = 2 ** 33 + 2 ** 24;

const members = object({
  iss: string,
  aud: hash,
  partner: id,
  client: idOrNone,
  item: id,
  recipient_sha256: hash,
  length: that(whole, "a length is out of range", (n) => n >= 32 && n <= maxPayload),
  payload_sha256: hash,
  commit: hash,
  header_sha256: hash,
  assurance: word(...assurances),
  day: that(whole, "a day is no whole day", (v) => v > 0 && v % day === 0),
  consultation: idOrNone,
  replaces: that(object({ testimony: idOrNone, n: whole }), "it replaces no part",
    (r) => (r.testimony === "") === (r.n === 0) && r.n >= 0 && r.n <= 9999),
});

/** A program says of itself what a program can know; what the vault sealed, the vault says. */
const note = that(members, "its issuer cannot give this assurance", (n) => {
  const byProgram = n.assurance === "partner-device" || n.assurance === "gateway";
  return byProgram ? n.iss === n.client && n.iss !== "" && n.iss !== n.aud : n.iss === n.aud;
});

export type Note = Of<typeof note>;

/** peek reads what a note claims, before anybody knows whether it was signed. */
export function peek(compact: string): Token<Note> {
  return takeApart(compact, "tv-delivery+jwt", maxNote, note);
}

/** bindingOf is what the note says of the bytes. */
export function bindingOf({ length, payload_sha256, commit, header_sha256 }: Note): Binding {
  return { length, payload_sha256, commit, header_sha256 };
}

/** claimed says that it lay in a collection of the partner's before. */
export const claimed = (n: Note): boolean => n.replaces.testimony !== "";

/** readable says that the partner could read it before it was hers; the vault's promises hold since. */
export const readable = (n: Note): boolean => claimed(n) || n.assurance !== "partner-device";
