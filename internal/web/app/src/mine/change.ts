// Changing what a grant allows. Less takes effect at once and asks nobody; more, or
// longer, is shown in full and asked.

import { narrow, renew, type GrantDetail } from "../core/grants.ts";
import type { Researcher } from "../core/readers.ts";
import { time } from "../core/session.ts";
import { dayOf, defaultTerm, sameTerms, type Terms } from "../core/terms.ts";
import { backward } from "../ui/backward.ts";
import { el } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { lastDay, termsLines } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { show, type View } from "../ui/view.ts";
import { card } from "./names.ts";
import { client, Declined, deed, mark, page } from "./page.ts";
import { ask, failed, lines, settled } from "./question.ts";
import { termsForm } from "./termsform.ts";

export function changeView(g: GrantDetail, how: "renew" | "narrow"): View {
  const home = mark();
  let chosen: Terms | undefined;
  return page(t(how === "renew" ? "mine.renew" : "mine.narrow"), (c) => {
    const now = time(c);
    const form = termsForm(chosen ?? (how === "renew" ? renewed(g, now) : g.terms), now, how === "narrow" ? g.terms : undefined);
    const wrong = el("div", { "aria-live": "polite" });
    const read = (): Terms | undefined => {
      const terms = form.read();
      const problem = typeof terms === "string" ? terms : how === "narrow" && sameTerms(terms, g.terms) ? t("mine.narrow.same") : "";
      wrong.replaceChildren(...(problem === "" ? [] : [el("p", { class: "fault" }, problem)]));
      if (problem !== "" || typeof terms === "string") return undefined;
      chosen = terms;
      return terms;
    };
    const go = how === "renew" ? deed(t("mine.give.next"), () => signRenewal(g, read(), home), "main") : less(g, read, home);
    const why = t(how === "renew" ? "mine.renew.why" : "mine.narrow.why");
    return Promise.resolve([el("p", {}, why), ...form.nodes, wrong, go]);
  });
}

// renewed begins with what she has agreed to, or with what the reader asks where that is
// narrower in nothing but time and purpose; the end is twelve months from today.
function renewed(g: GrantDetail, now: number): Terms {
  const until = Math.max(g.terms.until, g.asked?.until ?? dayOf(now) + defaultTerm);
  return { ...g.terms, from: Math.max(g.terms.from, dayOf(now)), until, purposes: g.asked?.purposes ?? g.terms.purposes };
}

function less(g: GrantDetail, read: () => Terms | undefined, home: () => void): HTMLElement {
  return deed(t("mine.narrow.now"), async (c) => {
    const terms = read();
    if (!terms) throw new Declined();
    const now = await narrow(c, g.testimony, g.grant, () => terms);
    await settled(t("mine.narrow.done"), [el("p", {}, t("mine.narrow.rest")), lines(termsLines(now))], home);
  }, "main");
}

async function signRenewal(g: GrantDetail, terms: Terms | undefined, home: () => void): Promise<void> {
  if (!terms) return;
  let asked = false;
  const agree = async (reader: Researcher, _before: Terms, after: Terms): Promise<void> => {
    asked = true;
    const what = [card(reader), el("p", {}, t("mine.give.promises")), lines(termsLines(after)), el("p", {}, t("mine.give.limits"))];
    await ask(t("mine.renew.question"), what, home);
  };
  try {
    const made = await renew(client(), g.testimony, g.grant, () => terms, agree);
    const said = t("mine.give.done", { who: made.reader.name, until: lastDay(made.terms.until) });
    await settled(t("mine.renew.done"), [el("p", {}, said), made.grant !== g.grant ? el("p", {}, t("mine.renew.new")) : el("p", {}, t("mine.give.end"))], home);
  } catch (error) {
    if (error instanceof Declined) return;
    if (asked) await failed(error, home);
    else await show({ title: t("mine.notdone"), make: () => [fault(error), ...backward()] });
  }
}
