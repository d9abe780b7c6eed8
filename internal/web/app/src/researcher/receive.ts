// An opening, whole or by stretches. What is small comes whole, and then all of it is what she sealed. A long recording comes by the
// stretches that are looked at (core/player.ts says what that proves), so that one can seek in it over a bad line. What is neither
// small nor a recording comes whole up to a limit: it has to fit into the memory of the page, because nothing is written to a disk.
import type { Client } from "../core/client.ts";
import { granted, openGranted, type Received } from "../core/inbox.ts";
import { play, type Playing, type Ranging } from "../core/player.ts";
import type { PartInfo } from "../core/sealer.ts";
import { kindOf, type Kind } from "../viewer/kinds.ts";
import { learn } from "./known.ts";

/** wholeAtOnce: payloads up to this many bytes are fetched whole before their kind is known. */
export const wholeAtOnce = 4 << 20;
/** wholeAtMost: what cannot be shown by stretches is shown up to this many bytes. */
export const wholeAtMost = 64 << 20;

export interface Arrived {
  readonly received: Received;
  readonly n: number;
  readonly info: PartInfo;
  readonly kind: Kind;
  readonly size: number; // of the content
  readonly content?: Blob; // all of it, verified
  readonly playing?: Playing; // or by stretches
}

export type Watch = (arrived: number, of: number) => void;

/** receive opens a part. She sees it. */
export async function receive(c: Client, keys: Ranging, grant: string, n: number, watch: Watch): Promise<Arrived> {
  const length = (await granted(c, grant)).parts.find((p) => p.n === n)?.length ?? 0;
  const got = length <= wholeAtOnce ? await whole(c, grant, n, watch) : await byStretches(c, keys, grant, n, watch);
  learn(grant, n, got.info);
  return got;
}

async function byStretches(c: Client, keys: Ranging, grant: string, n: number, watch: Watch): Promise<Arrived> {
  const playing = await play(c, keys, grant, n);
  const { received, info, size } = playing;
  const kind = kindOf(info.media_type);
  if (kind === "sound" || kind === "film") return { received, n, info, kind, size, playing };
  playing.stop();
  if (size > wholeAtMost || kind === "other") return { received, n, info, kind, size };
  return whole(c, grant, n, watch);
}

/** whole fetches all of it. Within a day it is the same opening. */
export async function whole(c: Client, grant: string, n: number, watch: Watch): Promise<Arrived> {
  const { received, info, content } = await openGranted(c, grant, n, { watch });
  return { received, n, info, kind: kindOf(info.media_type), size: content.size, content };
}

