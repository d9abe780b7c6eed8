// Changing her words, for words that somebody else may have seen. New ones are written
// down and asked back before anything is sent; then everything is handed over at once, or
// nothing (core/rekey.ts). Until the page says that it is done, both papers count: only
// the vault's answer says which.

import type { Client } from "../core/client.ts";
import { refresh } from "../core/history.ts";
import { rekey } from "../core/rekey.ts";
import { isKeeping } from "../tell/keeper.ts";
import { isEmpty } from "../tell/story.ts";
import { newWords } from "../tell/words.ts";
import type { Account } from "../ui/account.ts";
import { backward } from "../ui/backward.ts";
import { button, el, type Child } from "../ui/el.ts";
import { hold } from "../ui/holder.ts";
import { stayAwake } from "../ui/lock.ts";
import { t } from "../ui/texts.ts";
import { begin, replace, show, type View } from "../ui/view.ts";
import { openMine } from "./mine.ts";
import { actions, deed, page } from "./page.ts";

export function rekeyView(): View {
  return page(t("mine.rekey"), async (c) => {
    await refresh(c); // the old words are tried before anybody writes twelve new ones down
    return [el("p", {}, t("mine.rekey.what")), el("p", {}, t("mine.rekey.stays")), el("p", {}, t("mine.rekey.ends")), ...beginning()];
  });
}

// What is kept of a story is sealed to the old words.
function beginning(): Child[] {
  if (isKeeping() || !isEmpty()) return [el("p", { class: "fault" }, t("mine.rekey.first"))];
  return [actions(button(t("mine.rekey.make"), () => void show(newWords((account) => replace(handingOver(account)))), "main"))];
}

function handingOver(account: Account): View {
  let running = false;
  const act = deed(t("mine.rekey.yes"), async (c) => {
    running = true;
    try {
      await change(c, account);
    } finally {
      running = false;
    }
  }, "main");
  const make = (): Node[] => [el("p", {}, t("mine.rekey.ready")), el("p", { class: "fault" }, t("mine.rekey.both")), act, ...backward()];
  return { title: t("mine.rekey"), make, leave: () => { if (!running) account.end(); } };
}

async function change(c: Client, account: Account): Promise<void> {
  const rest = stayAwake();
  try {
    account.client.seen = (await rekey(c, account.keys)).seen;
  } finally {
    rest();
  }
  hold(account); // which closes the old one
  await begin({ title: t("mine.rekey.done"), make: changed });
}

function changed(): Node[] {
  return [
    el("p", {}, t("mine.rekey.paper")),
    el("p", {}, t("mine.rekey.again")),
    actions(button(t("mine.open"), () => void openMine().then(show), "main")),
  ];
}
