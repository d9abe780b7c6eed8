// Taking a grant back: two presses, no reason. When it is done the vault gives out not
// one byte more under it, and what had left before is listed.

import { revoke, type GrantDetail } from "../core/grants.ts";
import { button, el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import { back, type View } from "../ui/view.ts";
import { openings } from "./grant.ts";
import { deed, mark, nodes, page } from "./page.ts";
import { settled } from "./question.ts";
import { sentence } from "./access.ts";

export function revokeView(g: GrantDetail): View {
  const home = mark();
  return page(t("mine.revoke"), async (c) => [
    el("p", {}, el("strong", {}, await sentence(c, g))),
    el("p", {}, t("mine.revoke.means")),
    ...openings(g.openings),
    g.openings.length > 0 && el("p", {}, t("mine.revoke.cannot")),
    el("div", { class: "choices" },
      deed(t("mine.revoke.yes"), async (account) => {
        const fetched = await revoke(account, g.testimony, g.grant);
        const cannot = fetched.length > 0 ? el("p", {}, t("mine.revoke.cannot")) : el("p", {}, t("mine.revoke.nothing"));
        await settled(t("mine.revoke.done"), [el("p", {}, t("mine.revoke.stops")), ...nodes(openings(fetched)), cannot].filter((x): x is Node => x instanceof Node), home);
      }),
      button(t("mine.revoke.no"), back)),
  ], "question");
}
