// What she took back of what partners brought, and whether each has said that it heard of it. A partner that is late brings nothing more,
// to anybody. All of it is the vault's word.

import type { Client } from "../core/client.ts";
import { returns, type Returned } from "../core/trays.ts";
import { el, type Child } from "../ui/el.ts";
import { day } from "../ui/numbers.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { partnerName } from "./broughtwords.ts";

export async function returnedNodes(c: Client): Promise<Child[]> {
  const all = await returns(c);
  if (all.length === 0) return [];
  await loadTexts("trays");
  const rows = [...all].reverse().map(async (one) => el("li", {}, await partnerName(c, one.partner), ": ", words(one)));
  return [el("h2", {}, t("trays.returned")), el("ul", { class: "lines" }, ...(await Promise.all(rows))), el("p", { class: "quiet" }, t("trays.returned.means"))];
}

function words(one: Returned): string {
  const when = { day: day(one.day), due: day(one.due), answered: day(one.acknowledged ?? one.due) };
  if (one.acknowledged !== undefined) return t("trays.returned.heard", when);
  return t(one.late ? "trays.returned.late" : "trays.returned.waiting", when);
}
