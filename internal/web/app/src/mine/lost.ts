// Somebody whose words are lost: new words first, and an account of theirs; with it she says which account is hers. When the wait is over
// and enough people gave their shares, the old words open again here, and are changed at once.

import { claim, ownClaims, recovered, type OwnClaim } from "../core/claims.ts";
import type { Client } from "../core/client.ts";
import { enrol } from "../core/enrol.ts";
import { Failure, is } from "../core/failure.ts";
import { newWords } from "../tell/words.ts";
import { joinKeys, list, type Account, type Opening } from "../ui/account.ts";
import { backward } from "../ui/backward.ts";
import { el, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { hold } from "../ui/holder.ts";
import { day } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { again, back, begin, replace, show, type View } from "../ui/view.ts";
import { text } from "./fields.ts";
import { fingerprint, readAccount } from "./names.ts";
import { deed, page } from "./page.ts";
import { rekeyView } from "./rekey.ts";

/** newcomerView is for who has no words at all: it makes new ones and an account. */
export function newcomerView(): View {
  return newWords(async (account) => {
    hold(account);
    await replace(enrolView(account));
  });
}

function enrolView(account: Account): View {
  const invitation = text(t("tell.send.invitation"));
  invitation.input.dir = "ltr";
  const asked = el("div", {});
  const act = deed(t("mine.lost.account"), async (c) => {
    try {
      await enrol(c, "participant", invitation.read());
    } catch (error) {
      if (is(error, "by-invitation")) asked.replaceChildren(invitation.node);
      throw error;
    }
    await replace(lostView());
  }, "main");
  return { title: t("mine.lost"), make: () => [el("p", {}, t("mine.lost.first")), asked, act, el("p", { class: "quiet" }, t("mine.settings.account"), " ", fingerprint(account.client.account))] };
}

export function lostView(): View {
  return page(t("mine.lost"), async (c) => {
    const mine = await ownClaims(c);
    return [
      ...(mine.length === 0 ? [] : [el("p", {}, t("mine.lost.readout")), el("p", { class: "code" }, fingerprint(c.account))]),
      ...mine.map(one),
      el("h2", {}, t("mine.lost.which")),
      el("p", {}, t("mine.lost.tells")),
      ...claiming(),
    ];
  });
}

function claiming(): Child[] {
  const which = text(t("mine.lost.number"));
  which.input.dir = "ltr";
  const act = deed(t("mine.lost.claim"), async (c) => {
    const account = readAccount(which.read());
    if (account === undefined) throw new Failure("refused");
    await claim(c, account);
    await again();
  });
  return [which.node, act];
}

function one(of: OwnClaim): HTMLElement {
  const get = deed(t("mine.lost.get"), (c) => finish(c, of.claim), "main");
  return el("section", {},
    el("p", {}, t("mine.lost.said", { day: day(of.day) }), " ", fingerprint(of.account)),
    of.old ? fault(new Failure("old-share")) : get);
}

async function finish(c: Client, id: string): Promise<void> {
  await show(foundView(await recovered(c, id, joinKeys)));
}

/** foundView has the old words in the worker until she goes on or leaves. */
function foundView(opening: Opening): View {
  let [gone, over] = [false, false];
  const act = deed(t("mine.rekey.make"), async () => {
    gone = true;
    await opening.keys.settle();
    hold(opening.account()); // which closes the account that claimed
    await begin(rekeyView());
  }, "main");
  const words = el("details", {}, el("summary", {}, t("mine.lost.old")));
  words.addEventListener("toggle", () => void spell(opening, words), { once: true });
  const make = (): Node[] => {
    if (over) back(); // going forward does not bring keys back that were forgotten
    return over ? [] : [el("p", {}, t("mine.lost.back")), el("p", {}, t("mine.lost.change")), act, words, ...backward()];
  };
  const leave = (): void => {
    over = true;
    if (!gone) opening.end();
  };
  return { title: t("mine.lost.found"), make, leave };
}

async function spell(opening: Opening, room: HTMLElement): Promise<void> {
  const words = await opening.keys.words(await list("en"));
  room.append(el("ol", { class: "grid", lang: "en" }, ...words.map((word) => el("li", {}, el("bdi", { dir: "ltr" }, word)))));
}
