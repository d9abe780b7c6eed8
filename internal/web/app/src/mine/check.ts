// The short check: the end of all she has signed, to be noted beside her words. Given
// back on another day it shows whether the vault hides anything from before.

import { holds } from "../core/chain.ts";
import { refresh } from "../core/history.ts";
import { Failure } from "../core/failure.ts";
import { headOf } from "../core/chain.ts";
import { el } from "../ui/el.ts";
import { latinDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { text } from "./fields.ts";
import { deed, page } from "./page.ts";

export function checkView(knows: boolean): View {
  return page(t("mine.menu.check"), async (c) => {
    const { chain } = await refresh(c);
    const head = headOf(chain);
    const noted = text(t("mine.check.noted"));
    noted.input.dir = "ltr";
    const said = el("p", { role: "status" });
    const compare = deed(t("mine.check.compare"), async (account) => {
      said.textContent = "";
      const kept = readHead(noted.read());
      if (!kept) throw new Failure("refused");
      holds((await refresh(account)).chain, kept);
      said.textContent = t("mine.check.right");
    });
    return [
      el("p", {}, t("mine.check.why")),
      el("p", { class: "code", dir: "ltr" }, `${String(head.seq)}:${head.sha256}`),
      el("p", {}, t("mine.check.write")),
      el("p", { class: "quiet" }, t(knows ? "mine.check.known" : "mine.check.unknown")),
      el("h2", {}, t("mine.check.earlier")),
      noted.node,
      compare,
      said,
    ];
  });
}

// readHead reads SEQ:HASH, with the digits of the number in any script.
export function readHead(typed: string): { seq: number; sha256: string } | undefined {
  const found = /^(\p{Nd}{1,9}):([A-Za-z0-9_-]{43})$/u.exec(typed.replace(/\s/g, ""));
  return found ? { seq: Number(latinDigits(found[1] ?? "")), sha256: found[2] ?? "" } : undefined;
}
