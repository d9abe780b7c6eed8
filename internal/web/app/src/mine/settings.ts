// Settings: what there is to set, and honestly what this page cannot do and the command
// line can.

import { signOut } from "../core/session.ts";
import { button, el } from "../ui/el.ts";
import { lock } from "../ui/holder.ts";
import { leave } from "../ui/exit.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { fingerprint } from "./names.ts";
import { page } from "./page.ts";

export function settingsView(): View {
  return page(t("mine.menu.settings"), (c) => {
    const close = (): void => {
      signOut(c);
      lock();
      leave();
    };
    return Promise.resolve([
      el("h2", {}, t("mine.settings.account")),
      el("p", {}, fingerprint(c.account)),
      el("h2", {}, t("mine.settings.language")),
      el("p", {}, t("mine.settings.languagehow")),
      el("h2", {}, t("mine.settings.lock")),
      el("p", {}, t("mine.settings.lockhow")),
      el("p", {}, t("mine.settings.idle")),
      button(t("mine.settings.close"), close),
      el("h2", {}, t("mine.settings.elsewhere")),
      el("p", {}, t("mine.settings.notyet")),
      el("dl", { class: "facts commands" },
        el("dt", {}, t("mine.settings.takeout")), el("dd", { dir: "ltr" }, el("code", {}, "testimony takeout")),
        el("dt", {}, t("mine.settings.rekey")), el("dd", { dir: "ltr" }, el("code", {}, "testimony rekey")),
        el("dt", {}, t("mine.settings.relock")), el("dd", { dir: "ltr" }, el("code", {}, "testimony relock")),
        el("dt", {}, t("mine.settings.evidence")), el("dd", { dir: "ltr" }, el("code", {}, "testimony mode")),
        el("dt", {}, t("mine.settings.recovery")), el("dd", { dir: "ltr" }, el("code", {}, "testimony recovery"))),
    ]);
  });
}
