// Taking everything along (docs/protocol.md section 14; in Go api/client/takeout.go): all she owns, sealed to her as it lies in the vault,
// as one archive of the folder that the command line program writes: unpacked with tar it opens with age and sha256sum alone, and
// goes into another vault with `testimony import`. Each card and part is held against what she signed, and each key against its
// commitment, while it is written; nothing is decrypted. SHA256SUMS comes last: an archive without it is not whole.
import { claimed, partPath } from "./address.ts";
import { subjectOf } from "./bodies.ts";
import { base64url, equal, fromBase64url, hex, utf8, type Bytes } from "./bytes.ts";
import type { Entry } from "./chain.ts";
import { keysOf, type Client } from "./client.ts";
import { download, type Receiving } from "./download.ts";
import { Failure } from "./failure.ts";
import { feed, type Event } from "./feed.ts";
import { listGrants } from "./grants.ts";
import { enrolledIn, readWhole, type History } from "./history.ts";
import type { Binding } from "./sealer.ts";
import { running } from "./sha256.ts";
import { block, blockSize, padded } from "./tar.ts";
import { cardOf } from "./titles.ts";
import { vaultInfo } from "./vault.ts";
import { withdrawals } from "./withdrawals.ts";

/** The folder in the archive, and the archive's name: what it is called tells nothing. */
export const folder = "notes";

export interface TakenOut {
  testimonies: number;
  parts: number;
}

/** Takes the next bytes of the archive; the next ones come when it has them. */
export type Sink = (bytes: Bytes) => Promise<void>;

/** takeOut writes the archive. readme is README.txt in her language. When it fails, what was written is worth nothing. */
export async function takeOut(c: Client, readme: string, sink: Sink, how: Receiving = {}): Promise<TakenOut> {
  const { h, entries, erased } = await readWhole(c);
  enrolledIn(h);
  const p = packing(c, h, entries, sink, how);
  await p.put("README.txt", utf8(readme));
  const testimonies: { testimony: string; place: string }[] = [];
  for (const testimony of order(h)) {
    const place = String(testimonies.length + 1).padStart(3, "0");
    await p.testimony(place, testimony);
    testimonies.push({ testimony, place });
  }
  await p.put("statements.jsonl", lines(entries));
  await p.put("receipts.json", json(await receipts(c)));
  await p.put("takeout.json", json({ vault: c.vault, account: h.chain.account, seq: h.chain.hashes.length, testimonies,
    ...(erased.length === 0 ? {} : { erasures: erased }) }));
  await p.end();
  return { testimonies: testimonies.length, parts: p.parts() };
}

/** order is that in which her testimonies came to be. */
function order(h: History): string[] {
  const found = new Set<string>();
  for (const s of h.chain.statements) found.add(subjectOf(s.body));
  return [...found].filter((testimony) => alive(h, testimony));
}

function alive(h: History, testimony: string): boolean {
  const hers = h.book.testimonies.get(testimony);
  return hers !== undefined && !hers.erased && hers.card !== "";
}

/** lines spells entries of a chain, one a line, as GET /v1/statements gives them. */
function lines(entries: Entry[]): Bytes {
  return utf8(entries.map(({ seq, sha256, statement, testimony }) => `${JSON.stringify({ seq, sha256, statement, testimony })}\n`).join(""));
}

function json(value: unknown): Bytes {
  return utf8(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** receipts are the vault's signed words that grants have ended, with the keys that show them to others when it is gone. */
async function receipts(c: Client): Promise<object> {
  const all = await withdrawals(c);
  return {
    receipt_keys: (await vaultInfo(c)).receipt_keys.map(base64url),
    withdrawals: all.map((w) => ({ grant: w.grant, testimony: w.testimony, grantee: w.reader, parts: w.parts, day: w.day, revocation: w.receipt })),
  };
}

function packing(c: Client, h: History, entries: Entry[], sink: Sink, how: Receiving) {
  const sums = new Map<string, string>();
  const total = [...h.book.testimonies.values()].filter((t) => !t.erased).flatMap((t) => [...t.parts.values()]).reduce((sum, b) => sum + b.length, 0);
  const about = new Map(h.chain.statements.map((s) => [s.seq, subjectOf(s.body)]));
  let [parts, done] = [0, 0];

  const put = async (name: string, bytes: Bytes): Promise<void> => {
    await fill(name, bytes.length, async (write) => write(bytes));
  };
  const fill = async (name: string, size: number, write: (to: Sink) => Promise<void>): Promise<void> => {
    const sum = running();
    await sink(head(`${folder}/${name}`, size));
    await write(async (bytes) => {
      sum.add(bytes);
      if (bytes.length > 0) await sink(bytes);
    });
    if (sum.at !== size) throw new Failure("payload-swapped", "it is not as long as was signed");
    if (padded(size) > size) await sink(new Uint8Array(padded(size) - size));
    sums.set(name, hex(sum.sum()));
  };
  const part = async (place: string, testimony: string, n: number, want: Binding): Promise<void> => {
    const from = { path: `${partPath(testimony, n)}/content`, of: testimony, n, grant: false };
    const { header, payload } = await download(c, from, want, { signal: how.signal });
    try {
      await keysOf(c).check(header, want);
      await fill(`${place}/part-${n}.age`, header.length + want.length, async (write) => {
        await write(header);
        const digest = running();
        for await (const bytes of payload) {
          digest.add(bytes);
          await write(bytes);
          how.watch?.((done += bytes.length), Math.max(done, total));
        }
        if (!equal(digest.sum(), fromBase64url(want.payload_sha256))) throw new Failure("payload-swapped", "its digest is another");
      });
    } finally {
      await payload.return(undefined);
    }
    parts++;
  };
  const testimony = async (place: string, id: string): Promise<void> => {
    const claim = await claimed(c, id);
    await cardOf(c, h, id, claim.card);
    await put(`${place}/card.age`, claim.card);
    const hers = h.book.testimonies.get(id);
    const held = new Map<number, Binding>(hers?.parts);
    for (const n of hers?.received.keys() ?? []) { // sealed by the vault, and not adopted: the binding is its word
      const there = claim.parts.find((p) => p.n === n);
      if (there === undefined) throw new Failure("withheld");
      held.set(n, there);
    }
    for (const [n, want] of [...held].sort(([a], [b]) => a - b)) await part(place, id, n, want);
    await put(`${place}/statements.jsonl`, lines(entries.filter((e) => about.get(e.seq) === id)));
    const { events, denied } = await feed(c, id);
    await put(`${place}/feed.json`, json({ events: events.map(plain), last: events.length, denied: denied.map(plain) }));
    const grants = await listGrants(c, id);
    await put(`${place}/grants.json`, json(grants.map(({ grant, grantee, parts: of, state, terms, openings }) => ({ grant, grantee, parts: of, state, terms, openings }))));
  };
  const end = async (): Promise<void> => {
    const names = [...sums.keys()].sort();
    await put("SHA256SUMS", utf8(names.map((name) => `${sums.get(name) ?? ""}  ${name}\n`).join("")));
    await sink(new Uint8Array(2 * blockSize));
  };
  return { put, testimony, end, parts: () => parts };
}

/** plain is an event as the vault spells it: what is refused is counted apart and has no number. */
function plain({ seq, ...rest }: Event): object {
  return seq === 0 ? rest : { seq, ...rest };
}

/** head is a member's block. Eight GiB and more do not fit its eleven digits: then the size stands there in base 256, as GNU tar and
 *  every tar since writes and reads it. */
function head(name: string, size: number): Bytes {
  if (size < 8 ** 11) return block(name, size);
  const out = block(name, 0);
  out.fill(0, 124, 136);
  new DataView(out.buffer).setBigUint64(128, BigInt(size));
  out[124] = 0x80;
  out.fill(0x20, 148, 156);
  out.set(utf8(out.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 "), 148);
  return out;
}
