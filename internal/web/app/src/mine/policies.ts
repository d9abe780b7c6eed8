// Trustees and silence: what has to happen before a reader is let in. Trustees are
// accounts that were read out to her, never taken from a list.

import type { Client } from "../core/client.ts";
import { listPolicies, type Policy, type Trustee } from "../core/policies.ts";
import { button, el, type Child } from "../ui/el.ts";
import { day } from "../ui/numbers.ts";
import { waitingLines } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { show, type View } from "../ui/view.ts";
import { fingerprint, nameOf, readerOf } from "./names.ts";
import { actions, deed, mark, page } from "./page.ts";
import { lines } from "./question.ts";
import { checkIn } from "../core/checkin.ts";
import { Failure } from "../core/failure.ts";

export function policiesView(testimony: string): View {
  return page(t("mine.policies"), async (c) => {
    const all = await listPolicies(c, testimony);
    const home = mark();
    const make = (): void => void import("./policy.ts").then((m) => show(m.policyReaderView(testimony, home)));
    return [
      el("p", {}, t("mine.policies.why")),
      all.length === 0 && el("p", {}, t("mine.policies.none")),
      ...(await Promise.all(all.map((one) => section(c, one, home)))),
      actions(button(t("mine.policy.make"), make, "main")),
      all.some((one) => one.silence > 0) && deed(t("mine.checkin"), async (account) => { await checkIn(account); home(); }),
      el("p", { class: "quiet" }, t("mine.policies.word")),
    ];
  });
}

async function section(c: Client, p: Policy, home: () => void): Promise<HTMLElement> {
  const under = async (account: Client): Promise<void> => {
    const reader = await readerOf(account, p.to);
    if (!reader) throw new Failure("not-accredited");
    const { giveView } = await import("./give.ts");
    await show(giveView({ testimony: p.testimony, reader, parts: [], terms: undefined, policy: p.policy }, home));
  };
  return el("section", { class: "policy" },
    el("h2", {}, t("mine.policy.lets", { who: await nameOf(c, p.to) })),
    lines(waitingLines({ trustees: p.trustees.length, threshold: p.threshold, silence: p.silence, wait: p.wait })),
    ...trustees(p.trustees),
    p.releaseAt > 0 && el("p", {}, t("mine.policy.days", { notice: day(p.noticeAt), release: day(p.releaseAt) })),
    deed(t("mine.policy.give"), under));
}

// trustees: "mine.trustee.*"
function trustees(all: Trustee[]): Child[] {
  if (all.length === 0) return [];
  const row = (one: Trustee): HTMLElement => el("li", {}, fingerprint(one.account), " ", t(`mine.trustee.${one.answer}`, { day: day(one.released) }));
  return [el("ul", { class: "lines" }, ...all.map(row))];
}
