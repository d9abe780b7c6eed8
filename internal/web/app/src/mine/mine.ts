// Her vault: what is hers, who may open it, and every way to take it back. Loaded when
// she asks for it. Everything shown here was held against her own signed statements by
// core; what does not hold is shown as that, and nothing of it can be shared.

import { canary } from "../core/canary.ts";
import type { Client } from "../core/client.ts";
import { listTestimonies, type Listed } from "../core/testimonies.ts";
import { standing } from "../core/pauses.ts";
import { trays } from "../core/trays.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { fault, faultText } from "../ui/fault.ts";
import { here } from "../ui/holder.ts";
import { day } from "../ui/numbers.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { replace, show, type View } from "../ui/view.ts";
import { farewellNodes } from "./farewell.ts";
import { page } from "./page.ts";
import { silenceNodes } from "./silence.ts";
import { standingNodes } from "./standing.ts";
import { testimonyView } from "./testimony.ts";

// openMine gives the first view: her vault where an account is open on this page, else
// the question for her words, whose place it then takes.
export async function openMine(): Promise<View> {
  await loadTexts("common", "mine", "terms");
  if (here()) return home();
  const { unlock } = await import("../ui/unlock.ts");
  const asking = await unlock({ role: "participant", then: () => replace(home()) });
  const lost = (): void => void import("./lost.ts").then((m) => show(m.newcomerView()));
  return { ...asking, make: async () => [...(await asking.make()), button(t("mine.lost"), lost)] };
}

export function home(): View {
  return page(t("mine.heading"), async (c) => {
    const [list, account, farewell, silence, waiting] = await Promise.all([
      listTestimonies(c), standingNodes(() => standing(c)), farewellNodes(c), silenceNodes(() => canary(c)), brought(c),
    ]);
    return [
      ...farewell,
      ...silence,
      ...account,
      ...waiting,
      list.doubt && fault(list.doubt),
      list.list.length === 0 ? el("p", {}, t("mine.empty")) : el("ul", { class: "choices" }, ...list.list.map((one) => el("li", {}, entry(one)))),
      menu(c),
    ];
  });
}

// brought says whether something waits that others brought. That it cannot be asked is no reason to keep her from what is hers.
async function brought(c: Client): Promise<Child[]> {
  const count = (await trays(c).catch(() => [])).reduce((sum, one) => sum + one.items, 0);
  return count === 0 ? [] : [el("p", { class: "notice" }, t("mine.brought", { count }))];
}

function entry(one: Listed): HTMLElement {
  const states: Child[] = [
    one.paused && state(t("mine.list.paused")),
    one.unfinished && state(t("mine.list.unfinished")),
    one.doubt && state(faultText(one.doubt)),
  ];
  const name = one.card?.title ? theirs(one.card.title) : t("mine.untitled");
  const about = el("span", { class: "quiet" }, t("mine.list.about", { day: day(one.day), parts: t("mine.parts", { count: one.parts }) }));
  return el("button", { type: "button", class: "entry", onclick: () => void show(testimonyView(one.testimony, one.card?.title)) }, el("strong", {}, name), about, ...states);
}

function state(text: string): HTMLElement {
  return el("span", { class: "state" }, text);
}

function menu(c: Client): HTMLElement {
  const to = (label: string, load: () => Promise<View>): HTMLElement => button(label, () => void load().then(show));
  return el(
    "div",
    { class: "choices menu" },
    to(t("mine.menu.brought"), async () => (await import("./trays.ts")).traysView()),
    to(t("mine.menu.pause"), async () => (await import("./pauses.ts")).pausesView()),
    to(t("mine.menu.takeback"), async () => (await import("./withdraw.ts")).withdrawView({})),
    to(t("mine.menu.taken"), async () => (await import("./taken.ts")).takenView()),
    to(t("mine.menu.trusts"), async () => (await import("./trusts.ts")).trustsView()),
    to(t("mine.menu.check"), async () => (await import("./check.ts")).checkView(c.knowsHead)),
    to(t("mine.menu.settings"), async () => (await import("./settings.ts")).settingsView()),
  );
}
