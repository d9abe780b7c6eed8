// How the end of a grant stands with its reader (docs/protocol.md section 9). The reader's reply is verified, and that the vault
// makes of it what it is; the rest is the vault's word.
import type { Client } from "./client.ts";
import { Failure } from "./failure.ts";
import { foreign } from "./roster.ts";
import { list, maybe, string, whole, word } from "./shape.ts";

export const closureMembers = {
  seq: whole, // of her statement that ended it
  state: word("notified", "acknowledged", "destroyed", "kept", "silent"),
  parts: list(whole),
  day: whole,
  due: whole,
  reply: maybe(string),
  notes: maybe(whole),
};

export interface Closure {
  state: "notified" | "acknowledged" | "destroyed" | "kept" | "silent";
  parts: number[];
  day: number;
  due: number;
  reply?: { reply: "acknowledged" | "destroyed" | "kept"; reason: string; day: number };
  notes?: number; // parts about which the reader had a note in the vault; it was destroyed
}

interface ClaimedClosure {
  state: Closure["state"];
  parts: number[];
  day: number;
  due: number;
  reply?: string;
  notes?: number;
}

/** closureOf verifies what the vault says of the end of a grant to a reader. */
export function closureOf(c: Client, a: ClaimedClosure, grant: string, reader: string): Closure {
  const out: Closure = { state: a.state, parts: a.parts, day: a.day, due: a.due, ...(a.notes === undefined ? {} : { notes: a.notes }) };
  if (a.reply !== undefined) {
    const s = foreign(c, a.reply);
    const said = s?.act === "reply" && s.issuer === reader && s.body.grant === grant ? s.body.reply : "heard";
    if (s?.act !== "reply" || said === "heard" || said === "thankful" || said === "with-care") throw new Failure("reply-forged");
    out.reply = { reply: said, reason: s.body.reason, day: s.issuedAt };
  }
  const said = out.reply?.reply ?? "notified";
  const late = a.state === "silent" && (said === "notified" || said === "acknowledged");
  if (a.state !== said && !late) throw new Failure("reply-forged", "the vault makes something else of it");
  return out;
}
