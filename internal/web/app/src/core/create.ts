// Making a testimony: card and parts, sealed to her and stored (docs/protocol.md section 5, POST /v1/testimonies; in Go
// api/client/create.go). It stands apart from listing and looking, so that a phone that sends a text loads no more than that.
import { base64url, type Bytes } from "./bytes.ts";
import { post } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure } from "./failure.ts";
import { enrolledIn, history } from "./history.ts";
import { hashOf, newId } from "./names.ts";
import { accepted, say } from "./say.ts";
import type { Binding, Card } from "./sealer.ts";
import { list, object, string } from "./shape.ts";
import { saying } from "./statement.ts";
import type { Content, Created, NewTestimony, SendOptions } from "./testimonies.ts";
import { described } from "./described.ts";
import { vaultInfo } from "./vault.ts";

interface SealedPart {
  header: Bytes;
  payload: Bytes;
  binding: Binding;
}

/** newTestimony draws the name of a testimony that is to be made. */
export function newTestimony(c: Client): string {
  return newId(c.random);
}

/** createTestimony seals a testimony to its owner and stores it. What is small travels in one request, card included, so that a
 *  short line is enough; larger parts follow one by one. It throws only while nothing is stored. */
export async function createTestimony(c: Client, made: NewTestimony, options: SendOptions = {}): Promise<Created> {
  fitTogether(made.parts);
  const testimony = made.testimony ?? newTestimony(c);
  const before = made.testimony === undefined ? undefined : (await history(c)).book.testimonies.get(testimony);
  if (before?.erased === true) throw new Failure("erased");
  if (before !== undefined && before.card !== "") return addRest(c, testimony, made.parts, before.parts.size, options);
  const card = await keysOf(c).sealCard(cardFor(made));
  const sealed = await sealFirst(c, made.parts);
  await say(c, (h) => {
    enrolledIn(h);
    const adds = sealed.map((p, i) => saying("add", { testimony, n: i + 1, ...p.binding }));
    return [saying("card", { testimony, card_sha256: hashOf(card) }), ...adds];
  }, async ([statement, ...adds]) => {
    const parts = sealed.map((p, i) => ({ statement: adds[i], header: base64url(p.header), payload: base64url(p.payload) }));
    const body = { testimony, statement, card: base64url(card), parts };
    return (await post(c, "/v1/testimonies", body, object({ testimony: string, accepted: list(accepted) }), options)).accepted;
  });
  return addRest(c, testimony, made.parts, sealed.length, options);
}

async function addRest(c: Client, testimony: string, parts: Content[], stored: number, options: SendOptions): Promise<Created> {
  if (stored === parts.length) return { testimony, stored };
  // What large parts need is not loaded to send a short text.
  const { addPart, findUnfinished } = await import("./parts.ts");
  for (const { info, blob } of parts.slice(stored)) {
    try {
      const content = { info, blob }; // the card has label and link already
      const found = await findUnfinished(c, content, testimony);
      await (found === undefined ? addPart(c, testimony, content, options) : found.resume(options));
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      return { testimony, stored, failure };
    }
    stored++;
  }
  return { testimony, stored };
}

function cardFor(made: NewTestimony): Card {
  const empty: Card = { title: made.title, language: made.language, labels: [], warnings: made.warnings };
  return made.parts.reduce((card, part, i) => described(card, i + 1, part), empty);
}

/** fitTogether: a new testimony begins in listening mode, and a part can be made from an earlier one only. */
function fitTogether(parts: Content[]): void {
  for (const [i, { info }] of parts.entries()) {
    if (info.captured !== undefined) throw new Failure("refused", "what a device knew is stored in evidence mode only");
    if (info.derived_from > i) throw new Failure("refused", "it is made from a part that does not come before it");
  }
}

/** sealFirst seals the parts that can travel inside the request, up to the first that cannot. */
async function sealFirst(c: Client, parts: Content[]): Promise<SealedPart[]> {
  const { limits } = await vaultInfo(c);
  const out: SealedPart[] = [];
  let room = limits.json - inJson(0);
  for (const part of parts) {
    const size = await keysOf(c).payloadSize(part.info, part.blob.size);
    room -= inJson(size);
    if (size > limits.inline_payload || out.length >= limits.parts_at_once || room < 0) break;
    out.push(await sealSmall(c, part));
  }
  return out;
}

/** inJson is about how many bytes of JSON a payload needs, with its header and statement. */
const inJson = (payload: number) => (payload * 4) / 3 + 5000;

/** sealSmall seals a part whole in memory. */
export async function sealSmall(c: Client, part: Content): Promise<SealedPart> {
  const keys = keysOf(c);
  const lock = await keys.lock(part.info, part.blob);
  try {
    const payload = await keys.seal(lock, 0, lock.length);
    return { header: lock.header, payload, binding: await keys.bind(lock) };
  } finally {
    keys.release(lock);
  }
}
