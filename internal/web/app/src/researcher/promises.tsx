// What the reader owes: the terms in force, in plain words, always in view beside what was granted. A line is one promise; nothing
// is hidden behind a link.
import type { Terms } from "../core/terms.ts";
import { termsLines } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";

export function Promises({ terms }: { terms: Terms }) {
  return (
    <section class="promises" aria-labelledby="promises">
      <h2 id="promises">{t("read.promises")}</h2>
      <ul>{termsLines(terms).map((line) => <li key={line}>{line}</li>)}</ul>
    </section>
  );
}
