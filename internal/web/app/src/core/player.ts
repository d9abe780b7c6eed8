// The content of a granted part at any place, for a player that seeks (docs/protocol.md section 15; in Go api/client/player.go). It is
// an opening like any other: she sees it before the first byte leaves the vault. Header and commitment are verified first, then the
// last chunk, which proves the length; each stretch is authenticated at its place. All of the payload is never seen, so it cannot
// be told from what another holder of the same file key sealed, if that one also controls what is served: look and listen with it;
// quote, keep and forward only what came whole.
import type { Bytes } from "./bytes.ts";
import type { Client } from "./client.ts";
import type { Received } from "./inbox.ts";
import type { PartInfo } from "./sealer.ts";

export interface Playing {
  readonly received: Received;
  readonly info: PartInfo;
  readonly size: number;
  /** read gives the content's bytes from `from` up to `to`. Codes: taken-back, changed, payload-swapped. */
  read(from: number, to: number): Promise<Bytes>;
  /** stop forgets the key. */
  stop(): void;
}

/** play opens a granted part for playing. Codes as of openGranted. */
export declare function play(c: Client, grant: string, n: number): Promise<Playing>;
