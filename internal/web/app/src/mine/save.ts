// Saving something as a file on this device. What is saved is not locked any more, and
// stays when the page is gone: that is said first, and done only then.

import { button, el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import { actions } from "./page.ts";

type File = () => [name: string, content: Blob];

export function saveNodes(label: string, warning: string, file: File): HTMLElement {
  const room = el("div", {});
  const first = button(label, () => {
    const yes = button(t("mine.save.yes"), () => {
      save(...file());
      room.replaceChildren(el("p", { role: "status" }, t("mine.save.done")));
    });
    const no = button(t("mine.no"), () => {
      room.replaceChildren();
      first.focus();
    });
    const said = el("p", { tabindex: -1 }, warning);
    room.replaceChildren(el("div", { class: "notice" }, said, actions(yes, no)));
    said.focus();
  });
  return el("div", {}, actions(first), room);
}

// save hands a file to the browser. The address of the bytes is good on this page only,
// and is taken back when the browser has had time to read them.
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
