// What a card says of one part: its label, and which part it was made from.
import type { Card, PartInfo } from "./sealer.ts";

/** What the card says of one part. */
export interface Described {
  info: PartInfo;
  label?: string;
}

/** described is a card with the label and the link of part n put in, or taken out. */
export function described(card: Card, n: number, part: Described): Card {
  const labels = card.labels.filter((l) => l.n !== n);
  if (part.label !== undefined && part.label !== "") labels.push({ n, label: part.label });
  const derived = (card.derived ?? []).filter((d) => d.n !== n);
  if (part.info.derived_from !== 0) derived.push({ n, from: part.info.derived_from, kind: part.info.kind });
  const order = (a: { n: number }, b: { n: number }) => a.n - b.n;
  const { title, language, warnings } = card;
  return { title, language, labels: labels.sort(order), warnings, ...(derived.length === 0 ? {} : { derived: derived.sort(order) }) };
}
