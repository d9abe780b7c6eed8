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
};

export interface Closure {
  state: "notified" | "acknowledged" | "destroyed" | "kept" | "silent";
  parts: number[];
  day: number;
  due: number;
  reply?: { reply: "acknowledged" | "destroyed" | "kept"; reason: string; day: number };
}

interface ClaimedClosure {
  state: Closure["state"];
  parts: number[];
  day: number;
  due: number;
  reply?: string;
}

/** closureOf verifies what the vault says of the end of a grant to a reader. */
export function closureOf(c: Client, a: ClaimedClosure, grant: string, reader: string): Closure {
  const out: Closure = { state: a.state, parts: a.parts, day: a.day, due: a.due };
  if (a.reply !== undefined) {
    const s = foreign(c, a.reply);
    if (s?.act !== "reply" || s.issuer !== reader || s.body.grant !== grant) throw new Failure("reply-forged");
    out.reply = { reply: s.body.reply, reason: s.body.reason, day: s.issuedAt };
  }
  const said = out.reply?.reply ?? "notified";
  const late = a.state === "silent" && (said === "notified" || said === "acknowledged");
  if (a.state !== said && !late) throw new Failure("reply-forged", "the vault makes something else of it");
  return out;
}
