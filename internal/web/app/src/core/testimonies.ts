// Her testimonies: making them, listing them, looking into them. Every answer is held against her own chain.
import type { Client } from "./client.ts";
import type { Failure } from "./failure.ts";
import type { GrantDetail } from "./grants.ts";
import type { Card, Kind, PartInfo } from "./sealer.ts";

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
  doubt?: Failure; // part-swapped, planted, withheld
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

export interface Opened {
  info: PartInfo;
  content: Blob; // of the media type in info
}

export interface OpenOptions {
  signal?: AbortSignal;
  watch?: (arrived: number, of: number) => void;
}

export declare function createTestimony(c: Client, made: NewTestimony, options?: SendOptions): Promise<Created>;
export declare function listTestimonies(c: Client): Promise<Testimonies>;
/** showTestimony: with a doubt in the answer somewhere, show it and let nothing of that part be shared. */
export declare function showTestimony(c: Client, testimony: string): Promise<Shown>;
export declare function setCard(c: Client, testimony: string, card: Card): Promise<void>;
/** openOwnPart opens one of her parts against what she signed. */
export declare function openOwnPart(c: Client, testimony: string, n: number, options?: OpenOptions): Promise<Opened>;
/** keepAsEvidence needs the SHA-256 (b64) of the warning that was shown; onlyListen is always possible. */
export declare function keepAsEvidence(c: Client, testimony: string, warningSha256: string): Promise<void>;
export declare function onlyListen(c: Client, testimony: string): Promise<void>;
