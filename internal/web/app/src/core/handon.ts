// A roster's document as people write it and hand it on. Whoever tells only reads rosters: this is for stewards.
import { base64url, fromBase64url, text, utf8, type Bytes } from "./bytes.ts";
import { encode } from "./canonical.ts";
import { rosterShape, type RosterDocument } from "./roster.ts";

/** writeDocument gives the bytes of a document that holds together. */
export function writeDocument(d: RosterDocument): Bytes {
  return utf8(encode(rosterShape(d)));
}

/** documentOf reads a document as people hand it on: its text, or its bytes in base64url. */
export function documentOf(given: string): Bytes {
  const trimmed = given.trim();
  return trimmed.startsWith("{") ? utf8(trimmed) : fromBase64url(trimmed);
}

/** handOn spells a document so that it survives a chat. */
export function handOn(bytes: Uint8Array): string {
  text(bytes);
  return base64url(bytes);
}
