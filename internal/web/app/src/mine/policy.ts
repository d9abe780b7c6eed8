// Making a policy: the reader, those she trusts by the account they read out to her, how
// many of them it takes, her silence. Shown in full and asked before it is signed.

import { setPolicy, type PolicyTerms } from "../core/policies.ts";
import type { Researcher } from "../core/readers.ts";
import { backward } from "../ui/backward.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { waitingLines } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { replace, show, type View } from "../ui/view.ts";
import { picks, text } from "./fields.ts";
import { readerView, giveView } from "./give.ts";
import { card, fingerprint } from "./names.ts";
import { client, Declined, deed } from "./page.ts";
import { peopleField } from "./people.ts";
import { ask, failed, lines } from "./question.ts";

const silences = [0, 30, 60, 90, 180, 365];
const waits = [7, 14, 30, 60, 90];

interface Draft extends PolicyTerms {
  reader: Researcher;
}

export function policyReaderView(testimony: string, home: () => void): View {
  return readerView((reader) =>
    show(policyView({ testimony, to: reader.account, trustees: [], threshold: 0, silence: 0, wait: 30, note: "", reader }, home)),
  );
}

function policyView(draft: Draft, home: () => void): View {
  return { title: t("mine.policy.make"), make: () => form(draft, home) };
}

function form(draft: Draft, home: () => void): Node[] {
  const people = peopleField(draft);
  const days = (n: string): string => (n === "0" ? t("mine.policy.nosilence") : t("terms.days", { count: Number(n) }));
  const silence = picks(t("mine.policy.silence"), silences.map(String), days, String(draft.silence), true);
  const wait = picks(t("mine.policy.wait"), waits.map(String), days, String(draft.wait), true);
  const note = text(t("mine.policy.note"), draft.note, true);
  const wrong = el("div", { "aria-live": "polite" });
  const next = async (): Promise<void> => {
    Object.assign(draft, { silence: Number(silence.read()), wait: Number(wait.read()), note: note.read(), threshold: people.read() });
    const problem = draft.trustees.length === 1 ? t("mine.policy.two") : draft.trustees.length + draft.silence === 0 ? t("mine.policy.nothing") : "";
    wrong.replaceChildren(...(problem === "" ? [] : [el("p", { class: "fault" }, problem)]));
    if (problem === "") await sign(draft, home);
  };
  return [
    el("p", {}, t("mine.give.to"), " ", el("strong", {}, theirs(draft.reader.name))),
    people.node, silence.node, wait.node, note.node, wrong, deed(t("mine.give.next"), next, "main"),
    ...backward(),
  ];
}

async function sign(draft: Draft, home: () => void): Promise<void> {
  const { reader, ...rest } = draft;
  const terms: PolicyTerms = { ...rest, wait: rest.silence === 0 ? 0 : rest.wait };
  try {
    await ask(t("mine.policy.question"), agreement(reader, terms), home);
    const made = await setPolicy(client(), terms);
    const give = (): void => void show(giveView({ testimony: made.testimony, reader, parts: [], terms: undefined, policy: made.policy }, home));
    await replace({ title: t("mine.policy.made"), make: () => [el("p", {}, t("mine.policy.nobody")), el("div", { class: "choices" }, button(t("mine.policy.give"), give, "main"), button(t("mine.done"), home))] });
  } catch (error) {
    if (!(error instanceof Declined)) await failed(error, home);
  }
}

function agreement(reader: Researcher, p: PolicyTerms): Child[] {
  const waiting = { trustees: p.trustees.length, threshold: p.threshold, silence: p.silence, wait: p.wait };
  return [
    card(reader),
    lines(waitingLines(waiting)),
    ...(p.trustees.length === 0 ? [] : [el("p", {}, t("mine.policy.see")), el("ul", { class: "lines" }, ...p.trustees.map((a) => el("li", {}, fingerprint(a))))]),
    ...(p.note === "" ? [] : [el("p", {}, t("mine.policy.note")), el("blockquote", {}, theirs(p.note))]),
  ];
}
