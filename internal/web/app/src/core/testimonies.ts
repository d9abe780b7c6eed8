// Her testimonies: making them, listing them, looking into them. Every answer is held against her own chain (in Go
// api/client/create.go, list.go, show.go, own.go).
import type { Bytes } from "./bytes.ts";
import { broughtPart, type Brought } from "./brought.ts";
import type { Client } from "./client.ts";
import { Failure, untrusted } from "./failure.ts";
import { listGrants, type GrantDetail } from "./grants.ts";
import { enrolledIn, history, refresh, type History } from "./history.ts";
import { partOf, surely, testimonyOf } from "./known.ts";
import { claimed, claimedList, partPath, pathOf, type ClaimedPart } from "./address.ts";
import { pages } from "./pages.ts";
import { openStanding, type Opened } from "./reading.ts";
import { sayOne } from "./say.ts";
import type { Card, Kind, PartInfo } from "./sealer.ts";
import { saying } from "./statement.ts";
import { cardOf } from "./titles.ts";

export type { Opened } from "./reading.ts";
export { setCard } from "./titles.ts";
export { createTestimony, newTestimony } from "./create.ts";

export interface Content {
  info: PartInfo;
  blob: Blob; // the same bytes at every reading
  label?: string; // the name she gives the part, sealed in the card
}

export interface SendOptions {
  signal?: AbortSignal; // stops: what has arrived is kept by the vault
  /** Told how many bytes of the sealed payload have arrived, of how many. */
  watch?: (arrived: number, of: number) => void;
}

export interface NewTestimony {
  /** Made by newTestimony before the first try and given again at the next one, it makes a second try go on with the first. */
  testimony?: string;
  title: string;
  language: string; // BCP 47
  warnings: string[];
  parts: Content[]; // numbered from 1
}

/** stored is how many parts are there; failure is why the next one is not. addPart goes on. */
export interface Created {
  testimony: string;
  stored: number;
  failure?: Failure;
}

export interface Listed {
  testimony: string;
  day: number; // of creation, Unix seconds
  parts: number; // that she signed for
  unfinished: boolean; // an upload was begun and has not become a part: see unfinished
  evidence: boolean;
  paused: boolean; // by her statement
  card?: Card; // absent with doubt
  doubt?: Failure; // planted, card-swapped, own-keys
}

export interface PartDetail {
  n: number;
  label: string; // from the card
  link?: { from: number; kind: Kind }; // absent for an original
  length: number; // of the sealed payload
  adopted: boolean; // false: sealed by the vault, and she has not signed for it
  arrived: boolean; // sealed by the vault, for ever
  damaged: boolean; // the vault's word that it no longer has it whole
  brought?: Brought; // how it came, where a partner brought it
  doubt?: Failure; // part-swapped, planted, withheld, note-forged
}

export interface Shown extends Listed {
  details: PartDetail[];
  grants: GrantDetail[];
}

/** The list, oldest first, and the first thing in it that does not hold. */
export interface Testimonies {
  list: Listed[];
  doubt?: Failure; // planted, card-swapped, withheld
}

export interface OpenOptions {
  signal?: AbortSignal;
  watch?: (arrived: number, of: number) => void;
}

/** listTestimonies gives her testimonies, with their cards opened and held against what she signed. Before anybody is accused
 *  the chain is read anew: another device of hers may have acted. */
export async function listTestimonies(c: Client): Promise<Testimonies> {
  const h = await history(c);
  enrolledIn(h);
  const found = await listBy(c, h);
  return found.doubt === undefined ? found : listBy(c, await refresh(c));
}

async function listBy(c: Client, h: History): Promise<Testimonies> {
  const all = await pages(c, "/v1/testimonies", claimedList, (page) => page.testimonies);
  const out: Listed[] = [];
  const missing = new Set([...h.book.testimonies].filter(([, t]) => !t.erased && t.card !== "").map(([testimony]) => testimony));
  for (const claim of all) {
    out.push(await listed(c, h, claim));
    missing.delete(claim.testimony);
  }
  const doubt = missing.size > 0 ? new Failure("withheld") : out.find((l) => l.doubt !== undefined && untrusted(l.doubt))?.doubt;
  return { list: out, ...(doubt === undefined ? {} : { doubt }) };
}

async function listed(c: Client, h: History, claim: { testimony: string; day: number; card: Bytes }): Promise<Listed> {
  const hers = h.book.testimonies.get(claim.testimony);
  const item = { testimony: claim.testimony, day: claim.day, parts: hers?.parts.size ?? 0, unfinished: (hers?.begun.size ?? 0) > 0,
    evidence: hers?.evidence ?? false, paused: hers?.paused ?? false };
  try {
    return { ...item, card: await cardOf(c, h, claim.testimony, claim.card) };
  } catch (doubt) {
    if (doubt instanceof Failure) return { ...item, doubt };
    throw doubt;
  }
}

/** showTestimony: with a doubt in the answer somewhere, show it and let nothing of that part be shared. */
export async function showTestimony(c: Client, testimony: string): Promise<Shown> {
  const look = (h: History) => showBy(c, h, testimony);
  const shown = await surely(c, look);
  const doubted = shown.doubt !== undefined || shown.details.some((d) => d.doubt !== undefined);
  return doubted ? look(await refresh(c)) : shown;
}

async function showBy(c: Client, h: History, testimony: string): Promise<Shown> {
  testimonyOf(h, testimony);
  const claim = await claimed(c, testimony);
  const top = await listed(c, h, { testimony, day: claim.day, card: claim.card });
  return { ...top, details: details(h, testimony, claim.parts, top.card), grants: await listGrants(c, testimony) };
}

/** details holds the vault's parts against hers. */
function details(h: History, testimony: string, parts: ClaimedPart[], card: Card | undefined): PartDetail[] {
  const hers = testimonyOf(h, testimony);
  const there = new Set(parts.map((p) => p.n));
  const gone = [...hers.parts].filter(([n]) => !there.has(n)).map(([n, b]): PartDetail =>
    ({ n, label: "", length: b.length, adopted: true, arrived: false, damaged: false, doubt: new Failure("withheld") }));
  const all = [...parts.map((p) => detail(h, testimony, p)), ...gone].sort((a, b) => a.n - b.n);
  for (const d of all) {
    d.label = card?.labels.find((l) => l.n === d.n)?.label ?? "";
    const link = card?.derived?.find((l) => l.n === d.n);
    if (link !== undefined) d.link = { from: link.from, kind: link.kind };
  }
  return all;
}

function detail(h: History, testimony: string, p: ClaimedPart): PartDetail {
  const hers = testimonyOf(h, testimony).parts.get(p.n);
  const d = { n: p.n, label: "", length: p.length, adopted: hers !== undefined, arrived: p.arrived, damaged: p.damaged === true };
  if (hers === undefined) return testimonyOf(h, testimony).received.has(p.n) ? d : { ...d, doubt: new Failure("planted") };
  const same = hers.length === p.length && hers.payload_sha256 === p.payload_sha256 && hers.commit === p.commit && hers.header_sha256 === p.header_sha256;
  if (!same) return { ...d, length: hers.length, doubt: new Failure("part-swapped") };
  const brought = broughtPart(h, testimony, p.n, p.delivered?.note);
  if (brought instanceof Failure) return { ...d, doubt: brought };
  return brought === undefined ? d : { ...d, brought };
}

/** openOwnPart opens one of her parts against what she signed. */
export function openOwnPart(c: Client, testimony: string, n: number, options: OpenOptions = {}): Promise<Opened> {
  return openStanding(c, async (fresh) => {
    const h = await (fresh ? refresh(c) : history(c));
    enrolledIn(h);
    return { from: { path: `${partPath(testimony, n)}/content`, of: testimony, n, grant: false }, want: partOf(h, testimony, n) };
  }, { ...options, doubts: true });
}

/** keepAsEvidence needs the SHA-256 (b64) of the warning that was shown; onlyListen is always possible. */
export async function keepAsEvidence(c: Client, testimony: string, warningSha256: string): Promise<void> {
  await setMode(c, testimony, "evidence", warningSha256);
}

export async function onlyListen(c: Client, testimony: string): Promise<void> {
  await setMode(c, testimony, "listening", "");
}

async function setMode(c: Client, testimony: string, mode: "evidence" | "listening", warning_sha256: string): Promise<void> {
  await sayOne(c, `${pathOf(testimony)}/modes`, (h) => {
    testimonyOf(h, testimony);
    return saying("mode", { testimony, mode, warning_sha256 });
  });
}
