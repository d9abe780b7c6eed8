// The stewards' word that the vault closes or moves. It stands in the roster, which is verified from the vault id on: the
// server can neither make people believe it nor hide it. Without a line nothing is said.

import type { Client } from "../core/client.ts";
import { stewards, type Farewell } from "../core/roster.ts";
import { el, type Child } from "../ui/el.ts";
import { day } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";

export async function farewellNodes(c: Client): Promise<Child[]> {
  const said = (await stewards(c)).now.document.farewell;
  return said ? [told(said)] : [];
}

function told(f: Farewell): HTMLElement {
  const days = { stops: day(seconds(f.stops)), last: day(seconds(f.last)) };
  return el(
    "div",
    { class: "fault", role: "status" },
    el("p", {}, el("strong", {}, f.origin === undefined ? t("mine.farewell.closing") : t("mine.farewell.moving", { origin: f.origin }))),
    el("p", {}, t("mine.farewell.days", days)),
    el("p", {}, t(f.origin === undefined ? "mine.farewell.keep" : f.vault === undefined ? "mine.farewell.same" : "mine.farewell.other")),
  );
}

function seconds(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000;
}
