// Title, language, labels and warnings: sealed, only she reads them.

import { setCard, type Shown } from "../core/testimonies.ts";
import type { Card } from "../core/sealer.ts";
import { backward } from "../ui/backward.ts";
import { el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import { back, type View } from "../ui/view.ts";
import { deed } from "./page.ts";

export function cardView(shown: Shown): View {
  return {
    title: t("mine.edit"),
    make: () => {
      const title = field("card-title", t("mine.edit.title"), shown.card?.title ?? "");
      const warnings = field("card-warnings", t("mine.edit.warnings"), (shown.card?.warnings ?? []).join("\n"), true);
      const labels = shown.details.map((d) => ({ n: d.n, ...field(`card-${String(d.n)}`, t("mine.edit.label", { n: d.n }), d.label) }));
      const keep = deed(t("mine.edit.keep"), async (c) => {
        await setCard(c, shown.testimony, changed(shown, title.read(), warnings.read(), labels.map((l) => ({ n: l.n, label: l.read() }))));
        back();
      }, "main");
      return [el("p", {}, t("mine.edit.why")), title.node, ...labels.map((l) => l.node), warnings.node, keep, ...backward()];
    },
  };
}

function changed(shown: Shown, title: string, warnings: string, labels: Card["labels"]): Card {
  const before = shown.card;
  return {
    title,
    language: before?.language ?? document.documentElement.lang,
    labels: labels.filter((l) => l.label !== ""),
    warnings: warnings.split("\n").map((w) => w.trim()).filter((w) => w !== ""),
    ...(before?.derived ? { derived: before.derived } : {}),
  };
}

function field(id: string, label: string, value: string, long = false): { node: HTMLElement; read: () => string } {
  const input = long ? el("textarea", { id, dir: "auto", rows: 3 }, value) : el("input", { id, dir: "auto", value, autocomplete: "off" });
  return { node: el("div", {}, el("label", { for: id }, label), input), read: () => input.value.trim() };
}
