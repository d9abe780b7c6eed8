// What partners bring her (docs/protocol.md section 17; in Go api/client/tray.go). Nothing in a tray is hers. Each item's note is held
// against the program's key, two officers, the agreement and the stewards before anything is shown of it; its bytes against the note
// when she opens it; and what she adopts is exactly what she has opened. That something is missing cannot be noticed.
import { post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { bindingOf, claimed, peek, readable, type Assurance, type Note } from "./delivery.ts";
import { signedWith, type Token } from "./clientkey.ts";
import { base64url } from "./bytes.ts";
import { Failure, held } from "./failure.ts";
import { history, type History } from "./history.ts";
import { testimonyOf } from "./known.ts";
import { hashOf } from "./names.ts";
import { remembering, vouch, type Finding } from "./organisations.ts";
import { pages } from "./pages.ts";
import { nextNumber } from "./parts.ts";
import { openStanding, type Opened } from "./reading.ts";
import { acceptedMembers, sayWith } from "./say.ts";
import { list, maybe, object, string, whole, type Of } from "./shape.ts";
import { saying } from "./statement.ts";
import type { OpenOptions } from "./testimonies.ts";
import { vaultInfo } from "./vault.ts";

/** Something that a partner brought, by the word of its note. With a doubt only item, day and until are to be believed: it is never
 *  opened, and can be refused. */
export interface Item {
  item: string;
  day: number; // on which it came
  until: number; // the first day on which it is gone
  partner: string;
  name: string; // of the partner, as stewards signed it; "" where only the vault says who brought it
  length: number; // of the sealed payload
  assurance: Assurance;
  claimed: boolean; // it lay in a collection of the partner's; taking it destroys the partner's copy
  readable: boolean; // the partner could read it before it came here
  doubted: boolean; // partner or key were stopped since: somebody else may have made the note
  consultation: string; // "" for none
  note: string;
  doubt?: Failure; // note-forged
}

/** An item as she has seen it. It is what she adopts. */
export interface Seen extends Opened {
  readonly item: Item;
}

export interface Adopted {
  n: number;
  destroyed: boolean; // the partner's copy, by the vault's word
}

const claimedItem = object({ item: string, day: whole, until: whole, note: string });
type ClaimedItem = Of<typeof claimedItem>;

const claims = (c: Client) => pages(c, "/v1/items", object({ items: list(claimedItem) }), (p) => p.items);

/** items lists what waits, the oldest first, each verified. */
export async function items(c: Client): Promise<Item[]> {
  const [all, h] = [await claims(c), await history(c)];
  const find = remembering(c);
  const out: Item[] = [];
  for (const [i, one] of all.entries()) {
    const again = all.findIndex((other) => other.item === one.item) < i;
    out.push(await itemOf(c, h, one, find, again));
  }
  return out.sort((a, b) => a.day - b.day);
}

async function itemOf(c: Client, h: History, a: ClaimedItem, find: Finding, again: boolean): Promise<Item> {
  const bare: Item = { item: a.item, day: a.day, until: a.until, partner: "", name: "", length: 0, assurance: "partner-device", claimed: false,
    readable: false, doubted: false, consultation: "", note: a.note };
  try {
    if (again) throw new Failure("note-forged", "it is listed twice");
    const token = held("note-forged", () => peek(a.note));
    const said = token.payload;
    meant(c, a, said);
    adoptedBefore(h, a.note);
    const by = said.iss === said.aud ? await sealedHere(c, token) : await vouch(token, find);
    return { ...bare, partner: said.partner, name: by?.partner.name ?? "", length: said.length, assurance: said.assurance, claimed: claimed(said),
      readable: readable(said), doubted: by !== undefined && (by.partner.halted || by.key.retired), consultation: said.consultation };
  } catch (doubt) {
    if (doubt instanceof Failure && doubt.code === "note-forged") return { ...bare, doubt };
    throw doubt;
  }
}

/** meant refuses another item's note, another vault's, and one for somebody else. */
function meant(c: Client, a: ClaimedItem, said: Note): void {
  const fits = said.item === a.item && said.aud === c.vault && said.recipient_sha256 === hashOf(keysOf(c).recipient);
  if (!fits) throw new Failure("note-forged", "it is for something or somebody else");
}

/** adoptedBefore refuses what she has taken already: it would stand twice in what is hers. */
function adoptedBefore(h: History, note: string): void {
  const hash = hashOf(note);
  const taken = h.chain.statements.some((s) => s.act === "adopt" && s.body.received_sha256 === hash);
  if (taken) throw new Failure("note-forged", "it is hers already");
}

/** sealedHere checks a note of what the vault itself sealed: who brought it is the vault's word alone. */
async function sealedHere(c: Client, token: Token<Note>): Promise<undefined> {
  for (const key of (await vaultInfo(c)).receipt_keys) {
    if (await signedWith(token, { crv: "Ed25519", kty: "OKP", x: base64url(key) })) return;
  }
  throw new Failure("note-forged", "the vault did not sign it");
}

/** itemNamed finds one that waits, verified, or throws its doubt. */
async function itemNamed(c: Client, name: string): Promise<Item> {
  const found = (await claims(c)).find((a) => a.item === name);
  if (found === undefined) throw new Failure("not-found");
  const item = await itemOf(c, await history(c), found, remembering(c), false);
  if (item.doubt !== undefined) throw item.doubt;
  return item;
}

/** openItem opens what waits, against its note, and signs nothing. The partner is not told. */
export async function openItem(c: Client, name: string, options: OpenOptions = {}): Promise<Seen> {
  let item: Item | undefined;
  const opened = await openStanding(c, async () => {
    item = await itemNamed(c, name);
    return { from: { path: `/v1/items/${name}/content`, of: name, n: 0, grant: false }, want: bindingOf(peek(item.note).payload) };
  }, options);
  if (item === undefined) throw new Failure("not-found");
  return { ...opened, item };
}

const adoption = object({ ...acceptedMembers, destroyed: maybe(string) });

/** adoptItem signs that what she has seen is hers: the next part of a testimony of hers. How it came stays with it for ever. */
export async function adoptItem(c: Client, { item }: Seen, testimony: string): Promise<Adopted> {
  const said = peek(item.note).payload;
  const out: Adopted = { n: 0, destroyed: false };
  await sayWith(c, (h) => {
    testimonyOf(h, testimony);
    adoptedBefore(h, item.note);
    out.n = nextNumber(h, testimony);
    return saying("adopt", { testimony, n: out.n, ...bindingOf(said), received_sha256: hashOf(item.note) });
  }, async (statement) => {
    const { destroyed, ...accepted } = await post(c, `/v1/items/${item.item}/adoption`, { statement }, adoption);
    out.destroyed = destroyed !== undefined;
    return accepted;
  });
  return out;
}

/** refuseItem destroys what waits. The partner learns on the day after that it was refused. */
export async function refuseItem(c: Client, name: string): Promise<void> {
  await post(c, `/v1/items/${name}/refusal`, {}, object({ item: string }));
}
