// What was taken back from this reader, and the reader's answer (in Go api/client/endings.go). Her statements are verified as far as
// they still exist: an ending that she did not sign carries a doubt.
import { keysOf, type Client } from "./client.ts";
import { closureMembers, closureOf, type Closure } from "./closures.ts";
import { Failure, held } from "./failure.ts";
import { deliveredShape, type Delivered } from "./grants.ts";
import { author, lineageOf, type Lineage } from "./lineage.ts";
import { pages } from "./pages.ts";
import { foreign } from "./roster.ts";
import { sayOne } from "./say.ts";
import { list, maybe, object, string, type Of } from "./shape.ts";
import { saying, type Statement } from "./statement.ts";

export interface Ending extends Closure {
  grant: string;
  from: string; // who had granted it
  testimony: string; // "" once it is erased
  act: "revoke" | "withdraw" | "erase" | ""; // "" once erased
  fetched: Delivered[]; // the vault's word, oldest first
  doubt?: Failure;
}

const claimed = object({
  ...closureMembers, grant: string, from: string, statement: maybe(string), statement_sha256: string, ended: maybe(string),
  ended_sha256: string, fetched: list(deliveredShape), rekeys: list(string),
});
const page = object({ endings: list(claimed) });

/** endings lists what was taken back from this account. Answer it with reply. */
export async function endings(c: Client): Promise<Ending[]> {
  keysOf(c);
  return (await pages(c, "/v1/endings", page, (p) => p.endings)).map((e) => endingOf(c, e));
}

function endingOf(c: Client, e: Of<typeof claimed>): Ending {
  const bare: Ending = { state: e.state, parts: e.parts, day: e.day, due: e.due, grant: e.grant, from: e.from, testimony: "", act: "", fetched: e.fetched };
  try {
    const lineage = held("grant-forged", () => lineageOf(c.vault, e.rekeys));
    const testimony = grantedOn(c, e, lineage);
    const act = endedBy(c, e, lineage, testimony);
    return { ...bare, ...closureOf(c, e, e.grant, keysOf(c).thumbprint), testimony, act };
  } catch (doubt) {
    if (doubt instanceof Failure) return { ...bare, doubt };
    throw doubt;
  }
}

/** grantedOn is the testimony that she granted this reader, by her statement. */
function grantedOn(c: Client, e: Of<typeof claimed>, lineage: Lineage): string {
  if (e.statement === undefined) return "";
  const s = hers(c, e.statement, e.statement_sha256, lineage, e.from);
  if (s.act !== "grant" || s.id !== e.grant || s.body.grantee !== keysOf(c).thumbprint) throw new Failure("grant-forged");
  return s.body.testimony;
}

function endedBy(c: Client, e: Of<typeof claimed>, lineage: Lineage, testimony: string): Ending["act"] {
  if (e.ended === undefined) return "";
  const s = hers(c, e.ended, e.ended_sha256, lineage, e.from);
  if (!ends(c, s, e.grant, testimony)) throw new Failure("grant-forged", "she did not end it");
  return s.act === "revoke" || s.act === "withdraw" || s.act === "erase" ? s.act : "";
}

function hers(c: Client, text: string, hash: string, lineage: Lineage, from: string): Statement {
  const s = foreign(c, text);
  if (s?.hash !== hash || held("grant-forged", () => author(lineage, s)) !== from) throw new Failure("grant-forged", "it is signed by somebody else");
  return s;
}

/** ends says whether a statement ends a grant to this reader. The testimony is "" where it was erased, and its name is then the
 *  eraser's word. */
function ends(c: Client, s: Statement, grant: string, testimony: string): boolean {
  if (s.act === "revoke") return s.body.grant === grant;
  if (s.act === "erase") return testimony === "" || s.body.testimony === testimony;
  if (s.act !== "withdraw") return false;
  const { grantee, testimony: t } = s.body;
  return (grantee === "" || grantee === keysOf(c).thumbprint) && (t === "" || testimony === "" || t === testimony);
}

/** reply answers to the end of a grant. It is signed, and she sees it. "destroyed" is for a person to say who has just seen what had
 *  been fetched: this program keeps no list of what was saved. reason is of kept. */
export async function reply(c: Client, grant: string, say: "acknowledged" | "destroyed" | "kept", reason = ""): Promise<void> {
  const ended = (await endings(c)).filter((e) => e.grant === grant);
  if (ended.length === 0) throw new Failure("not-found");
  for (const e of ended) if (e.doubt !== undefined) throw e.doubt;
  await sayOne(c, `/v1/endings/${grant}/replies`, () => held("refused", () => saying("reply", { grant, reply: say, reason })));
}
