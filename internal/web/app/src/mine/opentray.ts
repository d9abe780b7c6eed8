// Letting a partner bring her something: the number of the partner that she was told, who that is by the stewards' word, her yes, and then
// the code, this once. The code is for bringing only: it opens nothing, and does not say who she is.

import { isId } from "../core/names.ts";
import { partnerNow, type Organisation } from "../core/organisations.ts";
import { openTray } from "../core/trays.ts";
import { Failure } from "../core/failure.ts";
import { keysOf } from "../core/client.ts";
import { square } from "../tell/square.ts";
import { backward } from "../ui/backward.ts";
import { button, el, theirs, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { lastDay } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { replace, type View } from "../ui/view.ts";
import { text } from "./fields.ts";
import { actions, client, Declined, deed, mark, page } from "./page.ts";
import { ask, failed } from "./question.ts";
import { saveNodes } from "./save.ts";
import { trayLine, trayQr } from "./traycode.ts";

export function openTrayView(): View {
  const home = mark();
  return page(t("trays.open"), () => {
    const number = text(t("trays.number"));
    number.input.dir = "ltr";
    const find = deed(t("trays.find"), async (c) => {
      const partner = number.read().replace(/[\s-]/g, "").toLowerCase();
      if (!isId(partner)) throw new Failure("refused");
      await open(await partnerNow(c, partner), home);
    }, "main");
    return Promise.resolve([el("p", {}, t("trays.openwhy")), el("p", {}, t("trays.asknumber")), number.node, find]);
  });
}

async function open(partner: Organisation, home: () => void): Promise<void> {
  try {
    await ask(t("trays.question"), [card(partner), el("p", {}, t("trays.means")), el("p", {}, t("trays.notyours"))], home);
    const c = client();
    const made = await openTray(c, partner.partner);
    await replace(codeView(trayLine(c.vault, made.code, keysOf(c).recipient), partner.name, made.until, home));
  } catch (error) {
    if (!(error instanceof Declined)) await failed(error, home);
  }
}

function card(one: Organisation): HTMLElement {
  const row = (name: string, value: Node | string): Node[] => [el("dt", {}, name), el("dd", {}, value)];
  const vouched = one.vouched.flatMap((v, i): Child[] => (i === 0 ? [theirs(v)] : [", ", theirs(v)]));
  return el("dl", { class: "facts" },
    ...row(t("trays.partner"), theirs(one.name)),
    ...row(t("mine.reader.vouched"), el("span", {}, ...vouched)),
    ...row(t("mine.reader.until"), lastDay(one.until)));
}

// codeView shows the code this once. It is forgotten as soon as she leaves the view.
function codeView(line: string, name: string, until: number, home: () => void): View {
  let shown: string | undefined = line;
  const make = (): Node[] => shown === undefined ? [el("p", {}, t("mine.code.gone")), ...backward()] : [
    el("p", {}, t("trays.code.show"), " ", el("strong", {}, theirs(name))),
    picture(shown),
    el("p", {}, t("trays.code.once", { until: lastDay(until) })),
    el("p", {}, t("trays.code.safe")),
    actions(button(t("trays.code.print"), () => print())),
    written(shown),
    saveNodes(t("trays.code.save"), t("trays.code.saved"), () => ["notes.txt", new Blob([line, "\n"], { type: "text/plain" })]),
    actions(button(t("mine.done"), home, "main")),
  ];
  return { title: t("trays.code.heading"), make, leave: () => { shown = undefined; } };
}

function picture(line: string): HTMLElement {
  try {
    return el("div", { class: "traycode" }, square(trayQr(line), t("trays.code.picture")));
  } catch (error) {
    return fault(error); // a key that is longer than keys are: the line below says the same
  }
}

// The same in letters, for a partner without a camera.
function written(line: string): HTMLElement {
  return el("details", {}, el("summary", {}, t("trays.code.letters")), el("p", { dir: "ltr" }, el("code", { class: "whole" }, line)));
}

