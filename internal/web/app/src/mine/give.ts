// Giving access: a reader whom stewards vouch for, the parts, the terms, and then the
// question, which shows exactly what will be signed. Nothing is ticked beyond what
// protects her; a part that is in doubt cannot be chosen at all.

import type { Bytes } from "../core/bytes.ts";
import { time } from "../core/session.ts";
import { give, type Offer } from "../core/grants.ts";
import { labels, type Label } from "../core/labels.ts";
import { researcher, researchers, type Researcher } from "../core/readers.ts";
import { showTestimony, type PartDetail, type Shown } from "../core/testimonies.ts";
import { complete, type Terms } from "../core/terms.ts";
import { Failure } from "../core/failure.ts";
import { backward } from "../ui/backward.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import type { Account } from "../ui/account.ts";
import { fault } from "../ui/fault.ts";
import { here } from "../ui/holder.ts";
import { isolated } from "../ui/isolated.ts";
import { inDigits } from "../ui/numbers.ts";
import { lastDay, partsWords, termsLines } from "../ui/terms.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { show, type View } from "../ui/view.ts";
import { one, text, ticks, type Field } from "./fields.ts";
import { card, readAccount } from "./names.ts";
import { client, Declined, deed, mark, page } from "./page.ts";
import { ask, failed, lines, settled } from "./question.ts";
import { termsForm } from "./termsform.ts";

/** What she has chosen so far: it lives as long as these views do. */
export interface Draft {
  testimony: string;
  reader: Researcher;
  parts: number[];
  terms: Terms | undefined;
  policy: string;
  holds?: Label[]; // what the reader is told of the content before opening
  named?: boolean; // the reader sees which partner brought what was brought
}

// chooseReader lists whom stewards vouch for, and takes an account that she was told.
export function chooseReader(testimony: string): View {
  const home = mark(); // giving ends where it began
  return readerView((reader) => show(giveView({ testimony, reader, parts: [], terms: undefined, policy: "" }, home)));
}

export function readerView(go: (reader: Researcher) => Promise<void>): View {
  return page(t("mine.give.who"), async (c) => {
    const all = await researchers(c);
    const entry = (r: Researcher): HTMLElement =>
      el("section", { class: "reader" }, el("h2", {}, theirs(r.name)), card(r), button(t("mine.give.choose", { name: r.name }), () => void go(r)));
    return [
      el("p", {}, t("mine.give.vouching")),
      all.length === 0 ? el("p", {}, t("mine.give.noreaders")) : false,
      ...all.map(entry),
      byAccount(go),
    ];
  });
}

function byAccount(go: (reader: Researcher) => Promise<void>): HTMLElement {
  const account = text(t("mine.give.account"));
  account.input.dir = "ltr";
  const act = deed(t("mine.give.find"), async (c) => {
    const found = readAccount(account.read());
    if (found === undefined) throw new Failure("refused");
    await go(await researcher(c, found));
  });
  return el("details", {}, el("summary", {}, t("mine.give.byaccount")), el("p", {}, t("mine.give.readout")), account.node, act);
}

// giveView is the form. home is the view from which giving began, or where it ends.
export function giveView(draft: Draft, home: () => void): View {
  return page(t("mine.give"), async (c) => {
    const shown = await showTestimony(c, draft.testimony);
    const brought = shown.details.filter((part) => part.brought);
    if (brought.length > 0) await loadTexts("trays");
    const parts = partsField(shown, draft.parts);
    const naming = one(t("trays.name"), draft.named === true);
    const form = termsForm(draft.terms ?? complete({}, time(c)), time(c));
    const holds = ticks(t("mine.give.holds"), labels, holdsWords, draft.holds ?? []);
    const wrong = el("div", { "aria-live": "polite" });
    const next = async (): Promise<void> => {
      const terms = form.read();
      draft.parts = parts.read();
      draft.holds = holds.read();
      draft.named = brought.length > 0 && naming.read();
      if (typeof terms !== "string") draft.terms = terms;
      const problem = draft.parts.length === 0 ? t("mine.give.noparts") : typeof terms === "string" ? terms : "";
      wrong.replaceChildren(...(problem === "" ? [] : [el("p", { class: "fault" }, problem)]));
      if (problem === "") await sign(draft, brought.filter((part) => draft.parts.includes(part.n)), home);
    };
    return [
      el("p", {}, t("mine.give.to"), " ", el("strong", {}, theirs(draft.reader.name)), " (", theirs(draft.reader.institution), ")"),
      parts.node,
      holds.node,
      el("p", { class: "quiet" }, t("mine.give.holds.why")),
      ...(brought.length > 0 ? [naming.node, el("p", { class: "quiet" }, t("trays.name.why"))] : []),
      ...form.nodes,
      wrong,
      deed(t("mine.give.next"), next, "main"), // pressed twice it asks once
    ];
  });
}

// "mine.holds.*"
function holdsWords(label: Label): string {
  return t(`mine.holds.${label}`);
}

function partsField(shown: Shown, chosen: number[]): Field<number[]> {
  const boxes = shown.details.map((part) => {
    const free = shareable(shown, part);
    const box = one(partName(part), free && chosen.includes(part.n), !free);
    return { n: part.n, box, why: free ? (false as const) : el("div", { class: "quiet" }, why(shown, part)) };
  });
  const node = el("fieldset", {}, el("legend", {}, t("mine.give.parts")), ...boxes.flatMap((b): Child[] => [b.box.node, b.why]));
  return { node, read: () => boxes.filter((b) => b.box.read()).map((b) => b.n) };
}

function shareable(shown: Shown, part: PartDetail): boolean {
  return part.adopted && !part.damaged && !part.doubt && !shown.doubt;
}

function why(shown: Shown, part: PartDetail): Node {
  const doubt = part.doubt ?? shown.doubt;
  if (doubt) return fault(doubt);
  return el("p", {}, t(part.damaged ? "mine.part.damaged" : "mine.part.arrived"));
}

function partName(part: PartDetail): string {
  const name = t("mine.part", { n: part.n });
  return part.label === "" ? name : `${name}: ${isolated(part.label)}`;
}

async function sign(draft: Draft, brought: PartDetail[], home: () => void): Promise<void> {
  let asked = false;
  const agree = async (reader: Researcher, terms: Terms): Promise<void> => {
    asked = true;
    await ask(t("mine.give.question"), agreement(reader, draft.parts, terms, { waits: draft.policy !== "", told: [...held(draft), ...told(draft, brought)] }), home);
  };
  const { worker } = here() as Account;
  const said = { chosen: draft.holds ?? [], seal: (to: string, bytes: Bytes) => worker.sealFor(to, bytes) };
  const offer: Offer = { testimony: draft.testimony, parts: draft.parts, to: draft.reader.account, terms: draft.terms ?? {}, namePartner: draft.named === true, labels: said, agree };
  try {
    const made = await give(client(), draft.policy === "" ? offer : { ...offer, policy: draft.policy });
    const done = t("mine.give.done", { who: made.reader.name, until: lastDay(made.terms.until) });
    await settled(t("mine.give.given"), [el("p", {}, done), el("p", {}, t("mine.give.end"))], home);
  } catch (error) {
    if (error instanceof Declined) return;
    if (asked) await failed(error, home);
    else await show({ title: t("mine.notdone"), make: () => [fault(error), ...backward()] });
  }
}

// held is what the reader is told of the content before opening.
function held({ holds = [] }: Draft): string[] {
  return holds.length === 0 ? [] : [t("mine.give.told", { labels: holds.map(holdsWords).join(t("terms.list.comma")) })];
}

// told is what the reader is told of parts that were brought: how they came, and whether by whom.
function told(draft: Draft, brought: PartDetail[]): string[] {
  return brought.map(({ n }) => t(draft.named === true ? "trays.given.named" : "trays.given.unnamed", { n: inDigits(String(n)) }));
}

// agreement is all that she signs, in words: who, which parts, which terms.
export function agreement(reader: Researcher, parts: number[], terms: Terms, { waits, told: more }: { waits: boolean; told: string[] }): Child[] {
  return [
    card(reader),
    el("p", {}, t("mine.give.wouldopen", { parts: partsWords(parts, (n) => inDigits(String(n))) })),
    el("p", {}, t("mine.give.promises")),
    lines(termsLines(terms)),
    more.length > 0 && lines(more),
    waits && el("p", {}, t("mine.give.waits")),
    el("p", {}, t("mine.give.limits")),
  ];
}
