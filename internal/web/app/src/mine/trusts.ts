// What somebody trusts her with: a share that opens something for a reader, together
// with others. She sees who asks and who would be let in, never what it opens.

import type { Client } from "../core/client.ts";
import { introduce } from "../core/policies.ts";
import { answerTrust, release, trusts, type Trust } from "../core/trustees.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { waitingLines } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { again, type View } from "../ui/view.ts";
import { card, fingerprint, readerOf } from "./names.ts";
import { client, Declined, deed, mark, page } from "./page.ts";
import { ask, failed, lines, settled } from "./question.ts";

export function trustsView(): View {
  return page(t("mine.menu.trusts"), async (c) => {
    const all = await trusts(c);
    return [
      el("p", {}, t("mine.trusts.why")),
      all.length === 0 && el("p", {}, t("mine.trusts.none")),
      ...(await Promise.all(all.map((one) => section(c, one)))),
      ...offer(c),
    ];
  });
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

