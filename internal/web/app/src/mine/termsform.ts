// The terms, as a form: what is left as it is protects her. Each permission is a choice
// of its own; nothing allows several at once. With a ceiling it offers only what allows
// less than that (narrowing).

import {
  accesses, attributions, dayOf, media, places, prohibitions, purposes, type Access, type Attribution, type Place, type Terms,
} from "../core/terms.ts";
import { el, type Child } from "../ui/el.ts";
import { number } from "../ui/numbers.ts";
import { accessWords, attributionWords, mediumWords, placeWords, prohibitionWords, purposeWords } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { dayField } from "./dates.ts";
import { group, one, picks, ticks } from "./fields.ts";

export interface TermsForm {
  nodes: Child[];
  /** read gives the terms, or the sentence that says what is wrong. */
  read(): Terms | string;
}

const oneDay = 86_400;
const reads = [0, 1, 2, 3, 5, 10, 20, 50];

export function termsForm(start: Terms, now: number, ceiling?: Terms): TermsForm {
  const under = ceiling ?? undefined;
  const purpose = ticks(t("mine.terms.purposes"), purposes.filter((p) => !under || under.purposes.includes(p)), purposeWords, start.purposes);
  const attribution = picks<Attribution>(t("mine.terms.attribution"), upTo(attributions, under?.attribution), attributionWords, start.attribution);
  const times = timesFields(start, now, under);
  const rest = restFields(start, under);
  const forbidden = prohibitions.filter((p) => !under || !under.prohibited.includes(p));
  const lifted = ticks(t("mine.terms.lift"), forbidden, prohibitionWords, forbidden.filter((p) => !start.prohibited.includes(p)));
  const read = (): Terms | string => {
    const [from, until] = [times.from(), times.until()];
    if (purpose.read().length === 0) return t("mine.terms.nopurpose");
    if (from === undefined || until === undefined || until <= from) return t("mine.terms.nodays");
    const allowed = lifted.read();
    return {
      purposes: [...purpose.read()].sort(), prohibited: prohibitions.filter((p) => !allowed.includes(p)), attribution: attribution.read(),
      ...rest.read(), from, until, onward: rest.onward(),
    };
  };
  const more = el("details", {}, el("summary", {}, t("mine.terms.more")), ...rest.nodes,
    forbidden.length > 0 && el("p", {}, t("mine.terms.forbidden")), forbidden.length > 0 && lifted.node);
  return { nodes: [purpose.node, attribution.node, ...times.nodes, more], read };
}

// upTo leaves out what allows more than the ceiling. The lists go from the most to the
// least protective.
function upTo<W extends string>(words: readonly W[], ceiling: W | undefined): W[] {
  return ceiling === undefined ? [...words] : words.slice(0, words.indexOf(ceiling) + 1);
}

function timesFields(start: Terms, now: number, under?: Terms): { nodes: Child[]; from: () => number | undefined; until: () => number | undefined } {
  const years = 9;
  const first = dayField(t("mine.terms.from"), start.from, Math.min(start.from, now), years);
  const last = dayField(t("mine.terms.until"), start.until - 1, Math.min(start.from, now), years);
  const clamp = (value: number | undefined, least: number, most: number): number | undefined =>
    value === undefined ? undefined : Math.max(least, Math.min(most, value));
  return {
    nodes: [first.node, last.node],
    from: () => clamp(first.read(), under?.from ?? dayOf(0), Infinity),
    until: () => {
      const chosen = last.read();
      return clamp(chosen === undefined ? undefined : chosen + oneDay, 0, under?.until ?? Infinity); // the last day counts whole
    },
  };
}

type Rest = Pick<Terms, "media" | "place" | "quote_review" | "access" | "max_reads">;

function restFields(start: Terms, under?: Terms): { nodes: Child[]; read: () => Rest; onward: () => boolean } {
  const forms = ticks(t("mine.terms.media"), media.filter((m) => !under || under.media.includes(m)), mediumWords, start.media);
  const place = picks<Place>(t("mine.terms.place"), upTo(places, under?.place), placeWords, start.place);
  const access = picks<Access>(t("mine.terms.access"), upTo(accesses, under?.access), accessWords, start.access);
  const quotes = one(t("mine.terms.quotes"), start.quote_review, under?.quote_review === true);
  const onward = one(t("mine.terms.onward"), start.onward, under?.onward === false);
  const counts = reads.filter((n) => !under || under.max_reads === 0 || (n !== 0 && n <= under.max_reads));
  if (!counts.includes(start.max_reads)) counts.push(start.max_reads);
  const often = picks(t("mine.terms.reads"), counts.map(String), (n) => (n === "0" ? t("mine.terms.reads.any") : number(Number(n))), String(start.max_reads), true);
  const read = (): Rest => ({ media: forms.read(), place: place.read(), quote_review: quotes.read(), access: access.read(), max_reads: Number(often.read()) });
  return { nodes: [forms.node, place.node, access.node, group("", quotes.node, onward.node), often.node], read, onward: onward.read };
}
