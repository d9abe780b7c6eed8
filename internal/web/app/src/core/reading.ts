// Opening what was signed for (in Go api/client/opening.go and standing.go): the header is the one in the statement, its key the
// one committed to, the payload has its signed digest and every chunk is authentic. What came before all of that is sure is
// thrown away when it is not. A part that was locked anew meanwhile is begun anew, with nothing of the old bytes.
import { post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { download, type Origin, type Receiving } from "./download.ts";
import { Failure, is, problemIs, untrusted } from "./failure.ts";
import type { Binding, PartInfo } from "./sealer.ts";
import { object, word } from "./shape.ts";

export interface Opened {
  info: PartInfo;
  content: Blob; // of the media type in info
}

export interface Wanted {
  from: Origin;
  want: Binding;
  shared?: number | undefined; // a shared key that opens the header in place of the account's
}

const maxChanges = 3;

/** openStanding opens a part as it stands. find says where it is and what was signed for it; fresh asks not to rely on what was
 *  known before. doubts looks once more before it accuses the vault or does not find what is hers. */
export async function openStanding(
  c: Client, find: (fresh: boolean) => Promise<Wanted>, how: Receiving & { doubts?: boolean; check?: (info: PartInfo, size: number) => void } = {},
): Promise<Opened> {
  let before = "";
  for (let round = 0; ; round++) {
    let wanted: Wanted | undefined;
    try {
      wanted = await find(round > 0);
      return await openContent(c, wanted, how);
    } catch (error) {
      const changed = is(error, "changed");
      const header = wanted?.want.header_sha256 ?? "";
      if (changed && header === before) throw new Failure("part-swapped", "it is another one than the one that stands");
      const doubt = how.doubts === true && round === 0 && (untrusted(error) || is(error, "not-found"));
      if ((!changed && !doubt) || round + 1 === maxChanges) throw error;
      if (changed) before = header;
    } finally {
      if (wanted?.shared !== undefined) keysOf(c).leave(wanted.shared);
    }
  }
}

/** openContent opens it once, and once more where the vault says that it looked and has it whole. */
async function openContent(c: Client, wanted: Wanted, how: Receiving & { check?: (info: PartInfo, size: number) => void }): Promise<Opened> {
  try {
    return await openOnce(c, wanted, how);
  } catch (error) {
    if (!(await doubted(c, wanted.from, error))) throw error;
  }
  return openOnce(c, wanted, how);
}

const piece = 4 << 20; // bytes in memory before a browser may put them aside

async function openOnce(c: Client, wanted: Wanted, how: Receiving & { check?: (info: PartInfo, size: number) => void }): Promise<Opened> {
  const { header, payload } = await download(c, wanted.from, wanted.want, how);
  const opening = await keysOf(c).open(header, wanted.want, wanted.shared);
  let info: PartInfo | undefined;
  let [whole, loose, held]: [Blob[], Uint8Array<ArrayBuffer>[], number] = [[], [], 0];
  try {
    for await (const bytes of payload) {
      const got = await opening.push(bytes);
      if (got.info !== undefined) {
        info = got.info;
        how.check?.(info, got.size ?? 0);
      }
      loose.push(...got.content);
      held += got.content.reduce((sum, b) => sum + b.length, 0);
      if (held > piece) [whole, loose, held] = [[...whole, new Blob(loose)], [], 0];
    }
    await opening.end();
  } finally {
    opening.stop();
    await payload.return(undefined);
  }
  if (info === undefined) throw new Failure("payload-swapped", "it does not say what it is");
  return { info, content: new Blob([...whole, ...loose], { type: info.media_type }) };
}

const fixity = object({ state: word("intact", "healed", "damaged", "queued") });

/** doubted has the vault look at what could not be had as it was signed for, and says whether to try once more. What it answers
 *  is its word and proves nothing. */
async function doubted(c: Client, from: Origin, error: unknown): Promise<boolean> {
  const odd = is(error, "payload-swapped") || problemIs(error, "damaged") || (is(error, "unavailable") && error.message.includes("line"));
  if (!odd) return false;
  let state: string;
  try {
    ({ state } = await post(c, from.path.replace(/\/[^/]*$/, "/fixity"), { at: 0 }, fixity));
  } catch {
    return false; // it changes nothing about what came
  }
  if (state === "damaged") throw new Failure("damaged", "", { cause: error });
  return state !== "queued";
}
