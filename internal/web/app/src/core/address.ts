// Where things of hers are, and what the vault says of them (docs/protocol.md section 5). Everything in these answers is its
// word, to be held against her statements.
import type { Client } from "./client.ts";
import { get, send } from "./call.ts";
import { Failure } from "./failure.ts";
import type { Bytes } from "./bytes.ts";
import { bytesOf } from "./names.ts";
import { boolean, list, maybe, object, string, whole, type Of } from "./shape.ts";

export function pathOf(testimony: string): string {
  return `/v1/testimonies/${testimony}`;
}

export function partPath(testimony: string, n: number): string {
  return `${pathOf(testimony)}/parts/${n}`;
}

export function payloadPath(testimony: string, n: number): string {
  return `${partPath(testimony, n)}/payload`;
}

const claimedPart = object({
  n: whole, arrived: boolean, classic: boolean, length: whole, payload_sha256: string, commit: string, header_sha256: string,
  received: maybe(string), damaged: maybe(boolean), delivered: maybe(object({ note: string })),
});
export type ClaimedPart = Of<typeof claimedPart>;

const claimedUpload = object({ n: whole, header_sha256: string, header: bytesOf, nonce: string, length: whole, received: whole });
export type ClaimedUpload = Of<typeof claimedUpload>;

const claimedTestimony = object({ testimony: string, day: whole, card: bytesOf, parts: list(claimedPart), uploads: list(claimedUpload) });

/** claimed is the vault's word for one testimony. */
export function claimed(c: Client, testimony: string): Promise<Of<typeof claimedTestimony>> {
  return get(c, pathOf(testimony), claimedTestimony);
}

export const claimedList = object({ testimonies: list(object({ testimony: string, day: whole, card: bytesOf })) });

const maxHeader = 8 << 10;

/** ownHeader fetches her own header of a part. */
export async function ownHeader(c: Client, testimony: string, n: number): Promise<Bytes> {
  const header = await bytesAt(c, `${partPath(testimony, n)}/header`);
  if (header.length > maxHeader) throw new Failure("part-swapped", "a header that has no end");
  return header;
}

/** bytesAt fetches a small file, or its bytes from `from` up to `to`, or what there is of them. */
export async function bytesAt(c: Client, path: string, from = 0, to = 0): Promise<Bytes> {
  const headers = { "Tus-Resumable": "1.0.0", ...(to > 0 ? { Range: `bytes=${from}-${to - 1}` } : {}) };
  const response = await send(c, { method: "GET", path, headers, signed: true, repeat: true });
  if (from > 0 && response.status !== 206) throw new Failure("nonsense", "another part of the file than was asked for");
  try {
    const bytes = new Uint8Array(await response.arrayBuffer());
    return to > 0 ? bytes.slice(0, to - from) : bytes;
  } catch {
    throw new Failure("unavailable", "the answer broke off");
  }
}
