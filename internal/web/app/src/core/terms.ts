// What a reader owes her: the words of docs/consent.md, in the order screens show them, and what it means that terms lie
// within others (in Go internal/statement/terms.go). What she leaves open is always filled to the protective side.
import { Failure } from "./failure.ts";
import { boolean, list, object, that, whole, word, type Of, type Shape } from "./shape.ts";

export const day = 86_400; // seconds

export const purposes = [
  "SafeKeeping", "BeingHeard", "PeerCircle", "Referral", "Research", "PolicyAdvice", "Publication", "Podcast", "Training",
  "LegalAccountability", "Memorial",
] as const;
export type Purpose = (typeof purposes)[number];

/** All in force unless she lifts one. Sorted. */
export const prohibitions = [
  "commercial-use", "face-recognition", "immigration-use", "law-enforcement-use", "linkage", "machine-learning",
  "re-identification", "third-party-transcription", "voice-cloning",
] as const;
export type Prohibition = (typeof prohibitions)[number];

/** From the most to the least protective. */
export const attributions = [
  "listen-only", "off-the-record", "background", "chatham-house", "pseudonym", "first-name-initial", "named",
] as const;
export type Attribution = (typeof attributions)[number];

export const media = ["image", "text", "voice", "voice-altered"] as const; // sorted
export type Medium = (typeof media)[number];

export const places = ["none", "country", "region"] as const; // from the most to the least protective
export type Place = (typeof places)[number];

export const accesses = ["view", "download"] as const;
export type Access = (typeof accesses)[number];

const maxTerm = 3653 * day;
export const defaultTerm = 365 * day;
const maxReads = 1_000_000;

/** sorted is a list of different known words in ascending order. */
export function sorted<W extends string>(words: readonly W[], least: number): Shape<W[]> {
  const ascending = (found: W[]) => found.length >= least && found.every((w, i) => i === 0 || (found[i - 1] ?? "") < w);
  return that(list(word(...words)), "a list is not sorted, or too short", ascending);
}

/** The members in their signed order; grant, renew and narrow statements have them in place. */
export const termsMembers = {
  purposes: sorted(purposes, 1),
  prohibited: sorted(prohibitions, 0),
  attribution: word(...attributions),
  media: sorted(media, 0),
  place: word(...places),
  quote_review: boolean,
  access: word(...accesses),
  onward: boolean, // may the reader share it within the purposes
  from: that(whole, "from is no time", (n) => n > 0), // Unix seconds
  until: that(whole, "until is no time", (n) => n > 0), // Unix seconds; excluded
  max_reads: that(whole, "max_reads is out of range", (n) => n >= 0 && n <= maxReads), // 0 is as often as needed
};

const anyTerms = object(termsMembers);
export type Terms = Of<typeof anyTerms>;

export function termHolds(t: { from: number; until: number }): boolean {
  return t.until > t.from && t.until - t.from <= maxTerm;
}

export const terms: Shape<Terms> = that(anyTerms, "the term must end after it begins, within ten years", termHolds);

/** termsOf gives the terms among the members of a body. */
export function termsOf(body: Terms): Terms {
  return anyTerms(body);
}

/** within says whether t allows nothing that wider does not: a downgrade, which she may always make. */
export function within(t: Terms, wider: Terms): boolean {
  return (
    subset(t.purposes, wider.purposes) && subset(wider.prohibited, t.prohibited) && subset(t.media, wider.media) &&
    attributions.indexOf(t.attribution) <= attributions.indexOf(wider.attribution) &&
    places.indexOf(t.place) <= places.indexOf(wider.place) &&
    (t.quote_review || !wider.quote_review) && (t.access === "view" || wider.access === "download") &&
    (!t.onward || wider.onward) && t.from >= wider.from && t.until <= wider.until &&
    (wider.max_reads === 0 || (t.max_reads !== 0 && t.max_reads <= wider.max_reads))
  );
}

export function sameTerms(a: Terms, b: Terms): boolean {
  return within(a, b) && within(b, a);
}

/** exportable says whether a part may leave the vault's world on these terms. */
export function exportable(t: Terms): boolean {
  return t.attribution !== "listen-only" && t.attribution !== "off-the-record" && t.access === "download";
}

/** complete fills in what she left open, always to the protective side, and sorts. now is in seconds. */
export function complete(t: Partial<Terms>, now: number): Terms {
  const from = t.from ?? dayOf(now);
  const filled: Terms = {
    purposes: unique(t.purposes ?? ["BeingHeard"]),
    prohibited: unique(t.prohibited ?? [...prohibitions]),
    attribution: t.attribution ?? "listen-only",
    media: unique(t.media ?? []),
    place: t.place ?? "none",
    quote_review: t.quote_review ?? true,
    access: t.access ?? "view",
    onward: t.onward ?? false,
    from,
    until: t.until ?? from + defaultTerm,
    max_reads: t.max_reads ?? 0,
  };
  try {
    return terms(filled);
  } catch (cause) {
    throw new Failure("refused", "these terms do not fit together", { cause });
  }
}

/** dayOf is the first second of a moment's day in UTC. */
export function dayOf(seconds: number): number {
  return seconds - (seconds % day);
}

function unique<W extends string>(words: readonly W[]): W[] {
  return [...new Set(words)].sort();
}

function subset(words: readonly string[], of: readonly string[]): boolean {
  return words.every((w) => of.includes(w));
}
