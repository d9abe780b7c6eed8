// What somebody trusts her with: a share that opens something for a reader, together
// with others. She sees who asks and who would be let in, never what it opens.

import type { Client } from "../core/client.ts";
import { Failure } from "../core/failure.ts";
import { introduce } from "../core/policies.ts";
import { answerRecovery, namedRecoveries, releaseTo, type Claim, type NamedRecovery } from "../core/recoveries.ts";
import { answerTrust, release, trusts, type Trust } from "../core/trustees.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { day } from "../ui/numbers.ts";
import { waitingLines } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { again, type View } from "../ui/view.ts";
import { text } from "./fields.ts";
import { card, fingerprint, readAccount, readerOf } from "./names.ts";
import { client, Declined, deed, mark, page } from "./page.ts";
import { ask, failed, lines, settled } from "./question.ts";

export function trustsView(): View {
  return page(t("mine.menu.trusts"), async (c) => {
    const [all, lost] = [await trusts(c), await namedRecoveries(c)];
    return [
      el("p", {}, t("mine.trusts.why")),
      all.length + lost.length === 0 && el("p", {}, t("mine.trusts.none")),
      ...(await Promise.all(all.map((one) => section(c, one)))),
      ...lost.map(recovery),
      ...offer(c),
    ];
  });
}

// recovery is one of lost words: who has claimed the account is compared by voice, never
// taken from here.
function recovery(one: NamedRecovery): HTMLElement {
  const say = (answer: "agreed" | "declined") => async (c: Client): Promise<void> => {
    await answerRecovery(c, one.recovery, answer);
    await again();
  };
  const decline = deed(t("mine.trusts.decline"), say("declined"));
  if (one.doubt) return el("section", {}, el("h2", {}, t("mine.recovery.named")), fault(one.doubt), decline);
  return el("section", {},
    el("h2", {}, t("mine.recovery.named"), " ", fingerprint(one.of)),
    one.note !== "" && el("blockquote", {}, theirs(one.note)),
    lines([t("terms.trustees", { count: one.trustees, threshold: one.threshold }), t("mine.recovery.after", { days: t("terms.days", { count: one.wait }) })]),
    el("p", {}, el("strong", {}, t(`mine.trusts.answer.${one.answer === "released" ? "agreed" : one.answer}`))),
    el("div", { class: "choices answers" }, one.answer === "none" || one.answer === "declined" ? deed(t("mine.trusts.agree"), say("agreed")) : false, one.answer !== "declined" && decline),
    ...one.claims.map(claimed));
}

function claimed(by: Claim): HTMLElement {
  if (by.doubt) return fault(by.doubt);
  if (by.given) return el("p", { class: "notice" }, t("mine.recovery.given"));
  const told = text(t("mine.recovery.told"));
  told.input.dir = "ltr";
  const give = deed(t("mine.recovery.give"), async (c) => {
    const account = readAccount(told.read());
    if (account === undefined) throw new Failure("refused");
    await releaseTo(c, by.claim, account);
    await again();
  });
  return el("div", { class: "notice" }, el("p", {}, t("mine.recovery.lost", { opened: day(by.opened), gives: day(by.givesAt) })), el("p", {}, t("mine.recovery.voice")), told.node, give);
}

async function section(c: Client, one: Trust): Promise<HTMLElement> {
  const head = el("h2", {}, t("mine.trusts.of"), " ", fingerprint(one.of));
  if (one.doubt) return el("section", {}, head, fault(one.doubt));
  const reader = await readerOf(c, one.to);
  return el("section", {},
    head,
    one.note !== "" && el("blockquote", {}, theirs(one.note)),
    el("p", {}, t("mine.trusts.reader")),
    reader ? card(reader) : el("p", {}, fingerprint(one.to), " ", t("mine.reader.unvouched")),
    lines(waitingLines({ trustees: one.trustees.length, threshold: one.threshold, silence: one.silence, wait: one.wait })),
    el("p", {}, el("strong", {}, t(`mine.trusts.answer.${one.answer}`))), // "mine.trusts.answer.*"
    answers(one));
}

function answers(one: Trust): HTMLElement {
  const home = mark();
  const say = (answer: "agreed" | "declined") => async (c: Client): Promise<void> => {
    await answerTrust(c, one.policy, answer);
    await again();
  };
  const list: Child[] = [
    one.answer !== "agreed" && one.answer !== "released" && deed(t("mine.trusts.agree"), say("agreed")),
    one.answer !== "declined" && deed(t("mine.trusts.decline"), say("declined")),
    one.open && one.answer !== "released" && button(t("mine.trusts.release"), () => void letIn(one, home)),
  ];
  return el("div", { class: "choices answers" }, ...list);
}

async function letIn(one: Trust, home: () => void): Promise<void> {
  try {
    const reader = await readerOf(client(), one.to);
    const who = reader ? card(reader) : el("p", {}, fingerprint(one.to), " ", t("mine.reader.unvouched"));
    await ask(t("mine.trusts.question"), [el("p", {}, t("mine.trusts.think")), who], home);
    await release(client(), one.policy);
    await settled(t("mine.trusts.released"), [el("p", {}, t("mine.trusts.seen"))], home);
  } catch (error) {
    if (!(error instanceof Declined)) await failed(error, home);
  }
}

// offer is her own account, for somebody who wants to trust her.
function offer(c: Client): Child[] {
  const said = el("p", { role: "status" });
  const turn = (open: boolean) => async (account: Client): Promise<void> => {
    await introduce(account, open);
    said.textContent = t(open ? "mine.offer.open" : "mine.offer.closed");
  };
  return [
    el("h2", {}, t("mine.offer")),
    el("p", {}, t("mine.offer.why")),
    el("p", { class: "code" }, fingerprint(c.account)),
    el("div", { class: "choices" }, deed(t("mine.offer.yes"), turn(true)), deed(t("mine.offer.no"), turn(false))),
    said,
  ];
}

