// What she tells a reader of the content before anything is opened (docs/adr/0038; in Go internal/envelope/labels.go). A few fixed
// words, sealed on this device to the reader's own recipient and signed in her grant: the vault reads none of them, adds none and
// leaves none out. Nothing said is sealed like everything said.
import { base64url, fromBase64url, text, utf8, type Bytes } from "./bytes.ts";
import { Failure } from "./failure.ts";

/** In the order in which they are written. */
export const labels = ["children-harmed", "death", "self-harm", "sexual-violence", "torture", "violence"] as const;
export type Label = (typeof labels)[number];

const size = 256; // bytes of plaintext, whatever is said

/** What seals to a reader: the worker. */
export type Seal = (recipient: string, bytes: Bytes) => Promise<Bytes>;

/** writeLabels is the plaintext, in its one spelling. */
export function writeLabels(chosen: readonly Label[]): Bytes {
  return utf8(labels.filter((l) => chosen.includes(l)).join(" ").padEnd(size - 1) + "\n");
}

/** readLabels refuses every other text: nonsense. */
export function readLabels(plain: Bytes): Label[] {
  const said = text(plain).trimEnd();
  const chosen = labels.filter((l) => said.split(" ").includes(l));
  const same = text(writeLabels(chosen)) === text(plain);
  if (!same) throw new Failure("nonsense", "no content labels");
  return chosen;
}

/** sealLabels is what stands in the grant. */
export async function sealLabels(seal: Seal, recipient: string, chosen: readonly Label[]): Promise<string> {
  return base64url(await seal(recipient, writeLabels(chosen)));
}

/** openLabels gives what she says; nothing, where the grant is of a program that knew no labels. Throws own-keys, payload-swapped, nonsense. */
export async function openLabels(open: (file: Bytes) => Promise<Bytes>, sealed: string): Promise<Label[]> {
  return sealed === "" ? [] : readLabels(await open(fromBase64url(sealed)));
}
