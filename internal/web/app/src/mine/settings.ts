// Settings: what there is to set, and honestly what this page cannot do and the command
// line can.

import { signOut } from "../core/session.ts";
import { button, el } from "../ui/el.ts";
import { lock } from "../ui/holder.ts";
import { leave } from "../ui/exit.ts";
import { idleAfter, setIdleAfter, shared, usual } from "../ui/lock.ts";
import { say } from "../ui/say.ts";
import { sharedPhone } from "../ui/shared.ts";
import { t } from "../ui/texts.ts";
import { show, type View } from "../ui/view.ts";
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
      idle(),
      button(t("mine.settings.close"), close),
      el("h2", {}, t("mine.settings.words")),
      button(t("mine.settings.rekey"), () => void import("./rekey.ts").then((m) => show(m.rekeyView()))),
      button(t("mine.settings.recovery"), () => void import("./recovery.ts").then((m) => show(m.recoveryView()))),
      button(t("mine.settings.takeout"), () => void import("./takeout.ts").then((m) => show(m.takeoutView()))),
      el("h2", {}, t("mine.settings.elsewhere")),
      el("p", {}, t("mine.settings.notyet")),
      el("dl", { class: "facts commands" },
        el("dt", {}, t("mine.settings.evidence")), el("dd", { dir: "ltr" }, el("code", {}, "testimony mode"))),
    ]);
  });
}

const times = [30, 60, shared.after, 120, usual.after, 600]; // seconds
const most = () => (sharedPhone() ? shared.after : 600); // where others use the phone it can only be sooner

// idle says how long the page waits for a touch, as it is now, and lets her choose. The
// choice ends with the page: a phone keeps nothing of hers.
function idle(): HTMLElement {
  const all = times.filter((seconds) => seconds <= most());
  const list = el("select", { id: "idle-after", onchange: () => chosen() }, ...all.map((seconds) => el("option", { value: seconds, selected: seconds === idleAfter() }, long(seconds))));
  const chosen = (): void => {
    setIdleAfter(Number(list.value));
    say(t("mine.settings.idleset", { long: long(idleAfter()) }));
  };
  return el("div", {}, el("p", {}, t("mine.settings.idle")), el("label", { for: "idle-after" }, t("mine.settings.idlelabel")), list);
}

function long(seconds: number): string {
  return seconds < 120 ? t("mine.settings.seconds", { count: seconds }) : t("mine.settings.minutes", { count: seconds / 60 });
}
