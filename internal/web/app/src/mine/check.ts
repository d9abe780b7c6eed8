// The short check: the end of all she has signed, to be noted beside her words. Given
// back on another day it shows whether the vault hides anything from before.
//
// Why fifteen digits are enough: a vault can cut her chain or, where she signed twice in
// one place, choose; it cannot make statements of hers, so there is nothing it could try
// until the digits fit. Digits are written by hand in any script without mistaking a
// letter for another.

import { base64url, fromBase64url, type Bytes } from "../core/bytes.ts";
import { headOf, holds, type Chain } from "../core/chain.ts";
import type { Head } from "../core/client.ts";
import { Failure } from "../core/failure.ts";
import { refresh } from "../core/history.ts";
import { believed } from "../core/receiptkeys.ts";
import { vault } from "../core/vault.ts";
import { el } from "../ui/el.ts";
import { inDigits, latinDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { text } from "./fields.ts";
import { deed, page } from "./page.ts";

export function checkView(knows: boolean): View {
  return page(t("mine.menu.check"), async (c) => {
    const head = headOf((await refresh(c)).chain);
    const [inForce] = (await vault(c)).receipt_keys;
    const noted = text(t("mine.check.noted"));
    noted.input.dir = "ltr";
    const said = el("p", { role: "status" });
    const compare = deed(t("mine.check.compare"), async (account) => {
      said.textContent = "";
      const typed = noted.read();
      const key = readKey(typed);
      if (key) believed(key, await vault(account));
      else held((await refresh(account)).chain, typed);
      said.textContent = t(key ? "mine.check.follows" : "mine.check.right");
    });
    const whole = el("details", {}, el("summary", {}, t("mine.check.whole")), el("p", { dir: "ltr" }, el("code", { class: "whole" }, `${String(head.seq)}:${head.sha256}`)),
      el("p", {}, t("mine.check.key")), el("p", { dir: "ltr" }, el("code", { class: "whole", id: "receipt-key" }, inForce ? base64url(inForce) : "")));
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

// readKey reads a receipt key of the vault's that she, or somebody for her, noted.
function readKey(typed: string): Bytes | undefined {
  const bare = typed.replace(/\s/g, "");
  return /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(bare) ? fromBase64url(bare) : undefined;
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
