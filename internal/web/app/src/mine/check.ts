// The short check: the end of all she has signed, to be noted beside her words. Given
// back on another day it shows whether the vault hides anything from before.
//
// Why fifteen digits are enough: a vault can cut her chain or, where she signed twice in
// one place, choose; it cannot make statements of hers, so there is nothing it could try
// until the digits fit. Digits are written by hand in any script without mistaking a
// letter for another.

import { fromBase64url } from "../core/bytes.ts";
import { headOf, holds, type Chain } from "../core/chain.ts";
import type { Head } from "../core/client.ts";
import { Failure } from "../core/failure.ts";
import { refresh } from "../core/history.ts";
import { el } from "../ui/el.ts";
import { inDigits, latinDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { text } from "./fields.ts";
import { deed, page } from "./page.ts";

export function checkView(knows: boolean): View {
  return page(t("mine.menu.check"), async (c) => {
    const head = headOf((await refresh(c)).chain);
    const noted = text(t("mine.check.noted"));
    noted.input.dir = "ltr";
    const said = el("p", { role: "status" });
    const compare = deed(t("mine.check.compare"), async (account) => {
      said.textContent = "";
      held((await refresh(account)).chain, noted.read());
      said.textContent = t("mine.check.right");
    });
    const whole = el("details", {}, el("summary", {}, t("mine.check.whole")), el("p", { dir: "ltr" }, el("code", { class: "whole" }, `${String(head.seq)}:${head.sha256}`)));
    return [
      el("p", {}, t("mine.check.why")),
      el("p", { class: "code" }, inDigits(`${String(head.seq)} – ${digitsOf(head.sha256).replace(/(.{5})(?=.)/g, "$1 ")}`)),
      el("p", {}, t("mine.check.write")),
      el("p", { class: "quiet" }, t(knows ? "mine.check.known" : "mine.check.unknown")),
      whole,
      el("h2", {}, t("mine.check.earlier")),
      noted.node,
      compare,
      said,
    ];
  });
}

const long = 15;

function digitsOf(sha256: string): string {
  const first = fromBase64url(sha256).slice(0, 8);
  const n = first.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return String(n % 10n ** BigInt(long)).padStart(long, "0");
}

// held compares what she noted, in its short form or whole.
function held(chain: Chain, typed: string): void {
  const whole = readHead(typed);
  if (whole) {
    holds(chain, whole);
    return;
  }
  const short = readShort(typed);
  if (!short) throw new Failure("refused");
  const hash = chain.hashes[short.seq - 1];
  if (hash === undefined) throw new Failure("tail-cut");
  if (digitsOf(hash) !== short.digits) throw new Failure("forked");
}

// readHead reads SEQ:HASH, with the digits of the number in any script.
export function readHead(typed: string): Head | undefined {
  const found = /^(\p{Nd}{1,9}):([A-Za-z0-9_-]{43})$/u.exec(typed.replace(/\s/g, ""));
  return found ? { seq: Number(latinDigits(found[1] ?? "")), sha256: found[2] ?? "" } : undefined;
}

function readShort(typed: string): { seq: number; digits: string } | undefined {
  const digits = latinDigits(typed).replace(/[^0-9]/g, "");
  const seq = Number(digits.slice(0, -long));
  return digits.length > long && digits.length <= long + 9 && seq > 0 ? { seq, digits: digits.slice(-long) } : undefined;
}
