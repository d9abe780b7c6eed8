// What the reader owes: the terms in force, in plain words, always in view beside what was granted. Each line says one promise;
// nothing is hidden behind a link.
import type { Terms } from "../core/terms.ts";
import { day } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";

/** lines says terms in the words of docs/consent.md, in the order of internal/explain. */
export function lines(terms: Terms): string[] {
  const out = [
    t("terms.term", { from: day(terms.from), until: day(terms.until - 1) }),
    t("terms.for", { purposes: each("purpose", terms.purposes) }),
    t("terms.repeat", { attribution: word("attribution", terms.attribution) }),
    terms.media.length > 0 ? t("terms.media", { media: each("media", terms.media) }) : t("terms.media.none"),
    word("place", terms.place),
  ];
  if (terms.quote_review) out.push(t("terms.quotes"));
  out.push(word("access", terms.access));
  if (terms.max_reads > 0) out.push(t("terms.reads", { times: t("terms.times", { count: terms.max_reads }) }));
  out.push(t(terms.onward ? "terms.onward.yes" : "terms.onward.no"));
  out.push(terms.prohibited.length > 0 ? t("terms.never", { prohibited: each("prohibited", terms.prohibited) }) : t("terms.never.none"));
  return out;
}

function each(kind: string, words: readonly string[]): string {
  return words.map((w) => word(kind, w)).join(t("terms.list.words"));
}

export function word(kind: string, of: string): string {
  return t(`terms.${kind}.${of}` as Key); // "terms.purpose.*" "terms.attribution.*" "terms.media.*" "terms.place.*" "terms.access.*" "terms.prohibited.*"
}

export function Promises({ terms }: { terms: Terms }) {
  return (
    <section class="promises" aria-labelledby="promises">
      <h2 id="promises">{t("read.promises")}</h2>
      <ul>{lines(terms).map((line) => <li key={line}>{line}</li>)}</ul>
    </section>
  );
}
