// How something came, in words: who could have seen or changed it before it was locked for her, and by whom it was brought. A partner is
// named as stewards signed it, or not at all.

import type { Client } from "../core/client.ts";
import type { Assurance } from "../core/delivery.ts";
import { partnerOf, type Organisation } from "../core/organisations.ts";
import { el, theirs } from "../ui/el.ts";
import { t } from "../ui/texts.ts";

/** assuranceWords: "trays.assurance.*". What lay in a collection says that first: the partner could read all of it. */
export function assuranceWords(one: { assurance: Assurance; claimed: boolean }): string {
  return t(one.claimed ? "trays.assurance.claimed" : `trays.assurance.${one.assurance}`);
}

const known = new WeakMap<Client, Map<string, Promise<Organisation | undefined>>>();

/** partner is who a partner is, if enough stewards signed it, whether its agreement has ended or not. */
function partner(c: Client, id: string): Promise<Organisation | undefined> {
  const cache = known.get(c) ?? new Map<string, Promise<Organisation | undefined>>();
  known.set(c, cache);
  const found = cache.get(id) ?? partnerOf(c, id).then((all) => all.find((o) => o.approved), () => undefined);
  cache.set(id, found);
  return found;
}

export async function partnerName(c: Client, id: string): Promise<HTMLElement> {
  const found = await partner(c, id);
  return found ? theirs(found.name) : el("span", {}, t("trays.nobody", { partner: id.slice(0, 8) }));
}
