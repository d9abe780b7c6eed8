// The card that she prints: beside her words, a square that says her vault and her numbers, for a phone to read instead of her typing.
// It is made when she presses print, and taken away when the printer has it. Whoever photographs the square can open everything, as with
// the words; the card says so.
import type { Opening } from "../ui/account.ts";
import { el } from "../ui/el.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { qr } from "./qr.ts";
import { square } from "./square.ts";


/** printCard prints the page with the square in its place. It is there for paper only. */
export async function printCard({ vault, keys }: Opening, place: HTMLElement): Promise<void> {
  await loadTexts("making");
  place.replaceChildren(square(qr(`${vault}\n${await keys.digits("latn")}`)), el("p", {}, t("tell.paper.square")));
  window.addEventListener("afterprint", () => place.replaceChildren(), { once: true });
  print();
}
