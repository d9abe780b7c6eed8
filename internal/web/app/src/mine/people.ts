// A field for people she trusts: accounts that were read out to her, one by one, and how many of them it takes. Never taken from a list
// of the vault's.

import { button, el } from "../ui/el.ts";
import { number } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { picks, text, type Field } from "./fields.ts";
import { fingerprint, readAccount } from "./names.ts";

const most = 10;

/** peopleField puts accounts into of; its value is how many of them it takes, 0 while there are fewer than two. */
export function peopleField(of: { trustees: string[]; threshold: number }): Field<number> {
  const room = el("div", {});
  let count: Field<string> | undefined;
  const draw = (): void => {
    const { length } = of.trustees;
    const numbers = Array.from({ length: Math.max(0, length - 1) }, (_, i) => String(i + 2));
    const chosen = numbers.includes(String(of.threshold)) ? String(of.threshold) : "2";
    count = length < 2 ? undefined : picks(t("mine.policy.threshold"), numbers, (n) => number(Number(n)), chosen, true);
    room.replaceChildren(el("ul", { class: "lines" }, ...of.trustees.map(row)), ...(count ? [count.node] : []));
  };
  const row = (account: string): HTMLElement =>
    el("li", {}, fingerprint(account), " ", button(t("mine.policy.remove"), () => { of.trustees = of.trustees.filter((a) => a !== account); draw(); }));
  const account = text(t("mine.policy.trustee"));
  account.input.dir = "ltr";
  const wrong = el("p", { role: "status" });
  const add = button(t("mine.policy.add"), () => {
    const found = readAccount(account.read());
    wrong.textContent = found ? "" : t("mine.policy.noaccount");
    if (!found || of.trustees.includes(found) || of.trustees.length === most) return;
    of.trustees = [...of.trustees, found];
    account.input.value = "";
    draw();
  });
  draw();
  const node = el("fieldset", {}, el("legend", {}, t("mine.policy.trustees")), el("p", {}, t("mine.policy.readout")), account.node, add, wrong, room);
  return { node, read: () => Number(count?.read() ?? 0) };
}
