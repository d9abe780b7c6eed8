// One thing that a partner brought: who, how it came, and what is in it, all verified before it is shown. She takes it into a testimony of
// hers, or has it destroyed; until then it is nobody's but hers to look at, and the partner is not told that she looked.

import { consultationName } from "../core/consultations.ts";
import type { Client } from "../core/client.ts";
import { newTestimony, createTestimony } from "../core/create.ts";
import { adoptItem, openItem, refuseItem, type Item, type Seen } from "../core/items.ts";
import { listTestimonies, type Listed } from "../core/testimonies.ts";
import { backward } from "../ui/backward.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { isolated } from "../ui/isolated.ts";
import { day, size } from "../ui/numbers.ts";
import { language } from "../ui/places.ts";
import { lastDay } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { assuranceWords } from "./broughtwords.ts";
import { picks, text } from "./fields.ts";
import { client, Declined, deed, mark, nodes, place } from "./page.ts";
import { content } from "./part.ts";
import { ask, failed, settled } from "./question.ts";

export function itemView(one: Item): View {
  const home = mark();
  let stop = new AbortController();
  const room = el("div", {});
  const make = (): Node[] => {
    stop = new AbortController(); // Back may show this view again
    return nodes([
      ...(one.doubt ? [fault(one.doubt), el("p", {}, t("trays.waits", { until: lastDay(one.until) }))] : about(one)),
      !one.doubt && opening(one, { room, signal: stop.signal, home }),
      room,
      el("p", {}, t("trays.refusemeans")),
      button(t("trays.refuse"), () => void refuse(one, home), "danger"),
      ...backward(),
    ]) as Node[];
  };
  return { title: one.doubt ? t("trays.doubtful") : t("trays.one"), make, leave: () => { stop.abort(); room.replaceChildren(); } };
}

function about(one: Item): Child[] {
  const row = (name: string, value: Node | string): Node[] => [el("dt", {}, name), el("dd", {}, value)];
  return [
    el("dl", { class: "facts" },
      ...row(t("trays.partner"), one.name === "" ? t("trays.unnamed") : theirs(one.name)),
      ...row(t("trays.came"), day(one.day)),
      ...row(t("trays.size"), size(one.length)),
      ...(one.consultation === "" ? [] : row(t("trays.consultation"), place((c) => calledFor(c, one)))),
      ...row(t("trays.until"), lastDay(one.until))),
    el("p", {}, el("strong", {}, assuranceWords(one))),
    one.doubted && el("p", { class: "fault" }, t("trays.stopped")),
    one.claimed && el("p", { class: "notice" }, t("trays.claim")),
    el("p", { class: "quiet" }, t("trays.nottold")),
  ];
}

// What the call is named is no reason to keep her from the thing: a name that cannot be had is said to be that.
async function calledFor(c: Client, one: Item): Promise<Child[]> {
  const name = await consultationName(c, one.consultation, one.partner, language()).catch(() => "");
  return [name === "" ? t("trays.noname") : theirs(name)];
}

interface Around {
  room: HTMLElement;
  signal: AbortSignal;
  home: () => void;
}

function opening(one: Item, { room, signal, home }: Around): HTMLElement {
  const bar = el("progress", { max: one.length, value: 0, "aria-label": t("mine.opening") });
  return deed(t("mine.open.part"), async (c) => {
    room.replaceChildren(bar);
    const watch = (arrived: number): void => { bar.value = arrived; };
    const seen = await openItem(c, one.item, { signal, watch }).catch((error: unknown) => {
      room.replaceChildren();
      throw error;
    });
    room.replaceChildren(...(await content(seen, signal)), await taking(c, seen, home));
  }, "main");
}

const fresh = "new";

// taking is offered when she has it before her: what she signs is what she sees.
async function taking(c: Client, seen: Seen, home: () => void): Promise<HTMLElement> {
  const { list } = await listTestimonies(c);
  const whole = list.filter((l) => !l.doubt);
  const name = (id: string): string => (id === fresh ? t("trays.into.new") : titleOf(whole, id));
  const where = picks(t("trays.into"), [fresh, ...whole.map((l) => l.testimony)], name, fresh);
  const title = text(t("trays.into.title"));
  const made = newTestimony(c); // once: pressed again, it goes on with the same
  const take = deed(t("trays.take"), async (account) => {
    const chosen = where.read();
    if (chosen === fresh) await createTestimony(account, { testimony: made, title: title.read(), language: "", warnings: [], parts: [] });
    const { n, destroyed } = await adoptItem(account, seen, chosen === fresh ? made : chosen);
    await settled(t("trays.taken"), [
      el("p", {}, t("trays.taken.part", { n })),
      el("p", {}, t("trays.taken.forever")),
      destroyed ? el("p", {}, t("trays.taken.destroyed")) : seen.item.claimed && el("p", {}, t("trays.taken.notyet")),
      el("p", { class: "quiet" }, t("trays.told")),
    ], home);
  }, "main");
  return el("div", {}, el("p", {}, t("trays.is")), where.node, title.node, take);
}

function titleOf(list: Listed[], id: string): string {
  const title = list.find((l) => l.testimony === id)?.card?.title ?? "";
  return title === "" ? t("mine.untitled") : isolated(title);
}

async function refuse(one: Item, home: () => void): Promise<void> {
  try {
    await ask(t("trays.refuse.question"), [el("p", {}, t("trays.refuse.gone")), el("p", {}, t("trays.told"))], home);
    await refuseItem(client(), one.item);
    await settled(t("trays.refused"), [el("p", {}, t("trays.refused.said"))], home);
  } catch (error) {
    if (!(error instanceof Declined)) await failed(error, home);
  }
}
