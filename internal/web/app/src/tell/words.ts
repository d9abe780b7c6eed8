// Her words: made in the worker, shown to be written down by hand, asked back at two
// places, and then forgotten by everything but her keys. They are never stored, copied or
// sent: there is no button for it. No voice speaks them, because voices of a browser may
// send the text away.

import { prepare } from "../core/enrol.ts";
import { drawKeys, list, vaultSigns, type Account, type Opening } from "../ui/account.ts";
import { button, el } from "../ui/el.ts";
import { here, hold } from "../ui/holder.ts";
import { inDigits } from "../ui/numbers.ts";
import { language } from "../ui/places.ts";
import { sharedPhone } from "../ui/shared.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { trouble } from "../ui/trouble.ts";
import { again, back, replace, show, type View } from "../ui/view.ts";
import { draftsView } from "./drafts.ts";
import { isKeeping } from "./keeper.ts";
import { kindsView } from "./kinds.ts";
import { actions, choice, choices, doing, fault, onward, quiet } from "./step.ts";
import { wordsCheck } from "./wordscheck.ts";

type Next = () => Promise<void>;

/** New words while she writes them down. */
export interface Fresh {
  readonly opening: Opening;
  readonly spelled: string[]; // twelve words, or eight groups of digits
  readonly digits: boolean;
}

/** beforeTelling offers words before anything can be lost; later is an answer. */
export async function beforeTelling(): Promise<void> {
  if (here()) await onKept(kindsView);
  else await show(offer(async () => show(kindsView()), !sharedPhone())); // where others use the phone, a lock must find something to lock it with
}

/** beforeSending makes sure that there are words. */
export async function beforeSending(): Promise<void> {
  const { sendingView } = await import("./sending.ts");
  if (here()) await onKept(sendingView);
  else await show(offer(async () => show(sendingView()), false));
}

/** onKept goes on once it is known how to keep what she tells: with words here, a lock leaves nothing of it open. */
async function onKept(next: () => View): Promise<void> {
  await show(isKeeping() ? next() : draftsView(() => replace(next())));
}

function offer(next: Next, later: boolean): View {
  const begun = async (account: Account) => {
    hold(account);
    void prepare(account.client); // while she writes
    await replace(draftsView(next));
  };
  return {
    title: t("tell.words.heading"),
    make: () => [
      doing("tell.words.do", "words"),
      el("p", {}, t("tell.words.why")),
      choices(
        choice("words", t("tell.words.make"), () => void show(newWords(begun)), t("tell.words.makehint")),
        choice("mine", t("tell.words.have"), () => void haveWords(next), t("tell.words.havehint")),
        ...(later ? [choice("again", t("tell.words.later"), () => void next(), t("tell.words.laterhint"))] : []),
      ),
    ],
  };
}

async function haveWords(next: Next): Promise<void> {
  const { unlock } = await import("../ui/unlock.ts");
  await show(await unlock({ role: "participant", fresh: true, then: () => replace(draftsView(next)) }));
}

/** newWords shows new words to be written down, asks two of them back, and gives the account they make. Nothing has been sent then. */
export function newWords(done: (account: Account) => Promise<void>): View {
  let fresh: Fresh | undefined;
  let over = false;
  const checked = async () => {
    over = true;
    await done(await settle(fresh as Fresh));
  };
  const make = async (): Promise<Node[]> => {
    if (over) { // Back does not show a paper without words
      back();
      return [];
    }
    await loadTexts("unlock");
    try {
      const now = (fresh ??= await draw(usesDigits()));
      const swap = async () => {
        fresh = await spell(now.opening, !now.digits);
        await again();
      };
      return shown(now, checked, () => void swap());
    } catch (error) {
      return [fault(trouble(error)), actions(button(t("tell.tryagain"), () => void again()))];
    }
  };
  return { title: t("tell.words.heading"), make };
}

const usesDigits = () => !["en", "fr"].includes(language());

async function draw(digits: boolean): Promise<Fresh> {
  return spell(await drawKeys(), digits);
}

async function spell(opening: Opening, digits: boolean): Promise<Fresh> {
  if (digits) return { opening, digits, spelled: (await opening.keys.digits("latn")).split(" ") };
  return { opening, digits, spelled: await opening.keys.words(await list(language() === "fr" ? "fr" : "en")) };
}

function shown(fresh: Fresh, checked: () => Promise<void>, swap: () => void): Node[] {
  const card = el("div", { class: "on-paper" });
  const printed = () => void import("./card.ts").then((m) => m.printCard(fresh.opening, card)).catch(() => print()); // without a line, without the square
  return [
    doing("tell.paper.do", "write"),
    grid(fresh),
    el("p", { class: "quiet" }, t("unlock.vault"), " ", el("bdi", { dir: "ltr", class: "signs" }, vaultSigns(fresh.opening.vault))),
    el("p", {}, t("tell.paper.lost")),
    quiet(t("tell.paper.nocopy")),
    actions(onward(t("tell.paper.done"), () => void show(wordsCheck(fresh, checked)))),
    actions(button(fresh.digits ? t("tell.paper.aswords") : t("tell.paper.asdigits"), swap), button(t("tell.paper.print"), printed)),
    el("p", { class: "on-paper" }, t("tell.paper.card"), " ", el("bdi", { dir: "ltr" }, fresh.opening.vault)),
    card,
  ];
}

function grid(fresh: Fresh): HTMLElement {
  const tag = fresh.digits ? "en" : language() === "fr" ? "fr" : "en";
  const items = fresh.spelled.map((word) => el("li", {}, el("bdi", { dir: "ltr" }, fresh.digits ? inDigits(word) : word)));
  return el("ol", { class: fresh.digits ? "grid digits" : "grid", lang: fresh.digits ? language() : tag }, ...items);
}

async function settle(fresh: Fresh): Promise<Account> {
  await fresh.opening.keys.settle();
  fresh.spelled.fill("");
  return fresh.opening.account();
}
