// Whether a locked copy stays on this phone until she has sent. Asked once there are
// words, because before there is nothing to lock it with. Neither answer is the right
// one: a phone of her own may break, a shared phone may be looked into.

import { here } from "../ui/holder.ts";
import { sharedPhone } from "../ui/shared.ts";
import { t } from "../ui/texts.ts";
import { trouble } from "../ui/trouble.ts";
import type { View } from "../ui/view.ts";
import type { Account } from "../ui/account.ts";
import { choice, choices, doing, fault, quiet } from "./step.ts";
import { isKeeping, startKeeping } from "./keeper.ts";
import { el } from "../ui/el.ts";

export function draftsView(next: () => Promise<void>): View {
  return { title: t("tell.drafts.heading"), make: () => make(next) };
}

async function make(next: () => Promise<void>): Promise<Node[]> {
  // On a phone that others use nothing is offered to be kept.
  if (!isKeeping() && sharedPhone()) await startKeeping(here() as Account, "memory");
  if (isKeeping()) {
    await next();
    return [];
  }
  const result = el("div");
  const answer = (where: "phone" | "memory") => () => {
    void startKeeping(here() as Account, where).then(next, (error: unknown) => result.replaceChildren(fault(where === "phone" ? t("tell.drafts.cannot") : trouble(error))));
  };
  return [
    doing("tell.drafts.do", "phone"),
    choices(
      choice("phone", t("tell.drafts.phone"), answer("phone"), t("tell.drafts.phonehint")),
      choice("nobody", t("tell.drafts.memory"), answer("memory"), t("tell.drafts.memoryhint")),
    ),
    result,
    quiet(t("tell.drafts.exit")),
  ];
}

