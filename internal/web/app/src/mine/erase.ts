// Erasing a testimony for ever. What cannot be undone is said first; then she types a
// word of her own language, so that no slip of a finger does it.

import { erase } from "../core/erase.ts";
import { vault } from "../core/vault.ts";
import type { Client } from "../core/client.ts";
import { button, el, theirs } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import { back, type View } from "../ui/view.ts";
import { text } from "./fields.ts";
import { deed, page } from "./page.ts";
import { settled } from "./question.ts";

/** What would be erased, as far as it is known: not knowing keeps nobody from erasing. */
export interface Doomed {
  testimony: string;
  title: string;
  parts: number; // 0 for not known
  opened: boolean; // readers may have copies
}

export function eraseView(one: Doomed): View {
  return page(t("mine.erase"), async (c) => {
    const word = t("mine.erase.word");
    const typed = text(t("mine.erase.type", { word }));
    const wrong = el("p", { role: "status" });
    return [
      el("p", {}, el("strong", {}, one.title === "" ? t("mine.untitled") : theirs(one.title)), one.parts > 0 && ` · ${t("mine.parts", { count: one.parts })}`),
      el("p", { class: "fault" }, t("mine.erase.means")),
      one.opened && el("p", {}, t("mine.erase.copies")),
      el("p", {}, await backups(c)),
      typed.node,
      wrong,
      el("div", { class: "choices" },
        deed(t("mine.erase.yes"), async (account) => {
          wrong.textContent = same(typed.read(), word) ? "" : t("mine.erase.wrong", { word });
          if (wrong.textContent === "") await destroy(account, one.testimony);
        }, "danger"),
        button(t("mine.erase.no"), back)),
    ];
  }, "question");
}

async function destroy(c: Client, testimony: string): Promise<void> {
  const { left } = await erase(c, testimony);
  const home = (): void => history.go(-2); // past the testimony that is no more
  await settled(t("mine.erase.done"), [el("p", {}, t("mine.erase.gone")), el("p", {}, left ? t("mine.erase.left") : t("mine.erase.chain"))], home);
}

// same forgives case and what keyboards add.
function same(typed: string, word: string): boolean {
  const plain = (s: string): string => s.normalize("NFKC").replace(/[\u200c-\u200f\u061c\u2066-\u2069\s]/g, "").toLocaleLowerCase();
  return plain(typed) === plain(word);
}

// A vault that does not say how long backups are kept does not keep her from erasing.
async function backups(c: Client): Promise<string> {
  const days = await vault(c).then((v) => v.erasure.backups_days, () => 0);
  return days < 1 ? t("mine.erase.nobackups") : t("mine.erase.backups", { days: t("terms.days", { count: days }) });
}
