// In which order parts are offered to somebody who has to read them: readers are people too. A transcript comes before the voice
// that it was written down from. What a part is, is sealed until it is opened; a short one may be a text, so the short come first.
import type { PartInfo } from "../core/sealer.ts";

export interface Part {
  n: number;
  length: number;
}

export function inOrder<P extends Part>(parts: readonly P[], known: (n: number) => PartInfo | undefined): P[] {
  return [...parts].sort((a, b) => rank(known(a.n)) - rank(known(b.n)) || a.length - b.length || a.n - b.n);
}

function rank(info: PartInfo | undefined): number {
  if (info === undefined) return 2;
  if (info.kind === "transcript" || info.kind === "translation") return 0;
  return info.media_type.startsWith("text/") ? 1 : 3;
}

/** shorter says whether an unopened part is shorter than this one: it may be the written copy. */
export function shorter(parts: readonly Part[], n: number, known: (n: number) => PartInfo | undefined): boolean {
  const length = parts.find((p) => p.n === n)?.length ?? 0;
  return parts.some((p) => p.n !== n && p.length < length && known(p.n) === undefined);
}
