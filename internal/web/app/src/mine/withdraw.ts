// Taking back many grants in one step: everything, a testimony, a part of it, or a
// reader. Her words are all it needs.

import { listTestimonies } from "../core/testimonies.ts";
import { listGrants, type GrantDetail } from "../core/grants.ts";
import { withdraw, type Scope } from "../core/withdrawals.ts";
import type { Client } from "../core/client.ts";
import { button, el, type Child } from "../ui/el.ts";
import { inDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { back, type View } from "../ui/view.ts";
import { sentence } from "./access.ts";
import { nameOf } from "./names.ts";
import { deed, mark, page } from "./page.ts";
import { lines, settled } from "./question.ts";
import { goneNodes } from "./taken.ts";

export function withdrawView(scope: Scope): View {
  const home = mark();
  return page(t("mine.takeback"), async (c) => {
    const what = await scopeWords(c, scope);
    return [
      el("p", {}, el("strong", {}, what)),
      ...(await ending(c, scope)),
      el("p", {}, t("mine.takeback.means")),
      el("div", { class: "choices" },
        deed(t("mine.takeback.yes"), async (account) => {
          const gone = await withdraw(account, scope);
          const rows = await Promise.all(gone.map((one) => goneNodes(account, one)));
          const list = rows.length === 0 ? el("p", {}, t("mine.takeback.none")) : el("div", {}, ...rows);
          await settled(t("mine.revoke.done"), [el("p", {}, t("mine.revoke.stops")), list, el("p", {}, t("mine.revoke.cannot"))], home);
        }),
        button(t("mine.revoke.no"), back)),
    ];
  }, "question");
}

async function scopeWords(c: Client, s: Scope): Promise<string> {
  if (s.part !== undefined) return t("mine.takeback.scope.part", { n: inDigits(String(s.part)) });
  if (s.testimony !== undefined) return t("mine.takeback.scope.one");
  if (s.reader !== undefined) return t("mine.takeback.scope.reader", { who: await nameOf(c, s.reader) });
  return t("mine.takeback.scope.all");
}

// ending lists what would end. That the vault lists it or not changes nothing of what
// she signs: it is said to help her, and a failure of it does not stand in the way.
async function ending(c: Client, scope: Scope): Promise<Child[]> {
  const found: GrantDetail[] = [];
  try {
    const ids = scope.testimony === undefined ? (await listTestimonies(c)).list.map((one) => one.testimony) : [scope.testimony];
    for (const id of ids) found.push(...(await listGrants(c, id)).filter((g) => concerns(scope, g)));
  } catch {
    return [el("p", {}, t("mine.takeback.unknown"))];
  }
  if (found.length === 0) return [el("p", {}, t("mine.takeback.none"))];
  return [el("p", {}, t("mine.takeback.ends")), lines(await Promise.all(found.map((g) => sentence(c, g))))];
}

function concerns(s: Scope, g: GrantDetail): boolean {
  return !g.revoked && (s.reader === undefined || g.grantee === s.reader) && (s.part === undefined || g.parts.includes(s.part));
}
