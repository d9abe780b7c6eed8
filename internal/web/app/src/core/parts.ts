// Parts on their way: added, unfinished, gone on with from another phone, adopted (docs/protocol.md section 8, Going on).
import type { Client } from "./client.ts";
import type { Failure } from "./failure.ts";
import type { PartInfo } from "./sealer.ts";
import type { Content, OpenOptions, Opened, SendOptions } from "./testimonies.ts";

/** An upload of hers that was begun and is no part yet, on this device or another. */
export interface Unfinished {
  testimony: string;
  n: number;
  length: number; // of the sealed content, by her own statement
  received: number; // of it in the vault, by its word
  until: number; // Unix seconds: the vault keeps it until then; 0 where it does not say
  relock: boolean; // begun to lock a part anew: goes on from its beginning
  info?: PartInfo; // absent while less than 64 KiB have arrived
  size?: number; // of the content
  doubt?: Failure; // upload-swapped, own-keys, planted: never gone on with
}

/** An unfinished upload of the very content that was asked about. Resume or drop it: it holds a key. */
export interface Resumable extends Unfinished {
  readonly known: boolean; // false: next to nothing is there, and it begins again
  resume(options?: SendOptions): Promise<number>; // the part's number
  drop(): void;
}

/** addPart seals one more part and stores it; label and link go into the card. It gives the number. */
export declare function addPart(c: Client, testimony: string, content: Content, options?: SendOptions): Promise<number>;
/** unfinished lists uploads of one testimony, or of all. */
export declare function unfinished(c: Client, testimony?: string): Promise<Unfinished[]>;
/** findUnfinished looks for an earlier try to store this very content, on whatever device and under whatever name.
 *  Codes: other-file (an upload under this name was begun with another file), said-otherwise. */
export declare function findUnfinished(c: Client, content: Content, testimony?: string): Promise<Resumable | undefined>;
/** abandon gives an upload up: what the vault has of it is deleted. */
export declare function abandon(c: Client, testimony: string, n: number): Promise<void>;
/** openArrived opens a part that the vault sealed and that waits for her word; adopt signs that it is hers. */
export declare function openArrived(c: Client, testimony: string, n: number, options?: OpenOptions): Promise<Opened>;
export declare function adopt(c: Client, testimony: string, n: number, options?: OpenOptions): Promise<void>;
