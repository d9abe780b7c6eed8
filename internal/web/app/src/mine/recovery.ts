// People who can give lost words back to her: whom she names, what they answered, who says that this account is theirs. Her words are
// typed once more for it, because nothing has kept them; they go into the worker, and only shares come out.

import { checkIn } from "../core/checkin.ts";
import type { Client } from "../core/client.ts";
import { fromBase64url, type Bytes } from "../core/bytes.ts";
import { Failure } from "../core/failure.ts";
import { endRecovery, ownRecovery, setRecovery, type OwnRecovery, type RecoveryTerms } from "../core/recovery.ts";
import { listsFor, type Account } from "../ui/account.ts";
import { backward } from "../ui/backward.ts";
import { button, el, type Child } from "../ui/el.ts";
import { here } from "../ui/holder.ts";
import { day } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { again, show, type View } from "../ui/view.ts";
import { picks, text } from "./fields.ts";
import { fingerprint } from "./names.ts";
import { actions, client, Declined, deed, mark, page } from "./page.ts";
import { peopleField } from "./people.ts";
import { ask, failed, lines, settled } from "./question.ts";

export function recoveryView(): View {
  return page(t("mine.settings.recovery"), async (c) => {
    const own = await ownRecovery(c);
    const home = mark();
    const choose = (): void => void show(chooseView(home));
    return [
      el("p", {}, t("mine.recovery.why")),
      ...claims(own),
      ...named(own),
      actions(button(t(own.set ? "mine.recovery.others" : "mine.recovery.choose"), choose, own.set ? "" : "main")),
      own.set && deed(t("mine.recovery.end"), async (account) => {
        await endRecovery(account);
        await again();
      }),
      el("h2", {}, t("mine.lost")),
      el("p", {}, t("mine.lost.here")),
      actions(button(t("mine.lost.go"), () => void import("./lost.ts").then((m) => show(m.lostView())))),
    ];
  });
}

function claims(own: OwnRecovery): Child[] {
  const come = deed(t("mine.checkin"), async (c) => {
    await checkIn(c);
    await again();
  }, "main");
  return own.claims.length === 0 ? [] : [
    el("div", { class: "fault" },
      ...own.claims.map((one) => el("p", {}, t("mine.recovery.claim", { opened: day(one.opened), gives: day(one.givesAt) }), " ", fingerprint(one.claimant))),
      come),
  ];
}

// named: "mine.trustee.*"
function named(own: OwnRecovery): Child[] {
  if (!own.set) return [el("p", {}, el("strong", {}, t("mine.recovery.off")))];
  const row = (one: OwnRecovery["trustees"][number]): HTMLElement =>
    el("li", {}, fingerprint(one.account), " ", t(`mine.trustee.${one.answer === "released" ? "agreed" : one.answer}`));
  return [el("h2", {}, t("mine.policy.trustees")), el("ul", { class: "lines" }, ...own.trustees.map(row))];
}

const waits = [1, 7, 14, 30, 60, 90];

function chooseView(home: () => void): View {
  const draft: RecoveryTerms = { trustees: [], threshold: 0, wait: 30, note: "" };
  return { title: t("mine.recovery.choose"), make: () => form(draft, home) };
}

function form(draft: RecoveryTerms, home: () => void): Node[] {
  const people = peopleField(draft);
  const wait = picks(t("mine.recovery.wait"), waits.map(String), (n) => t("terms.days", { count: Number(n) }), String(draft.wait), true);
  const note = text(t("mine.policy.note"), draft.note, true);
  const words = el("textarea", { id: "own-words", rows: 3, dir: "auto", class: "secret", spellcheck: "false", autocomplete: "off", autocapitalize: "none", autocorrect: "off" });
  const wrong = el("div", { "aria-live": "polite" });
  const next = async (): Promise<void> => {
    Object.assign(draft, { wait: Number(wait.read()), note: note.read(), threshold: people.read() });
    const typed = words.value;
    const problem = draft.trustees.length < 2 ? t("mine.policy.two") : typed.trim() === "" ? t("mine.recovery.words") : "";
    wrong.replaceChildren(...(problem === "" ? [] : [el("p", { class: "fault" }, problem)]));
    if (problem === "") await sign(draft, typed, home);
  };
  return [
    el("p", {}, t("mine.recovery.who")),
    people.node, wait.node, note.node,
    el("div", {}, el("label", { for: "own-words" }, t("mine.recovery.words")), words),
    wrong, deed(t("mine.give.next"), next, "main"), ...backward(),
  ];
}

async function sign(draft: RecoveryTerms, typed: string, home: () => void): Promise<void> {
  try {
    await ask(t("mine.recovery.question"), agreement(draft), home);
    const c = client();
    await setRecovery(c, draft, (n, threshold) => shares(c, typed, n, threshold));
    await settled(t("mine.recovery.set"), [el("p", {}, t("mine.recovery.answer"))], home);
  } catch (error) {
    if (!(error instanceof Declined)) await failed(error, home);
  }
}

function agreement(draft: RecoveryTerms): Child[] {
  return [
    lines([t("terms.trustees", { count: draft.trustees.length, threshold: draft.threshold }), t("mine.recovery.after", { days: t("terms.days", { count: draft.wait }) })]),
    el("p", {}, t("mine.recovery.become")),
    el("ul", { class: "lines" }, ...draft.trustees.map((a) => el("li", {}, fingerprint(a)))),
  ];
}

async function shares(c: Client, typed: string, n: number, threshold: number): Promise<Bytes[]> {
  const account = here() as Account | undefined;
  if (account?.client !== c) throw new Failure("stopped");
  const made = await account.keys.shareWords(typed, await listsFor(typed), fromBase64url(c.vault), n, threshold);
  if ("problem" in made) throw new Failure("own-keys");
  return made;
}
