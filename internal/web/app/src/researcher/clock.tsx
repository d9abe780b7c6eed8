// What the time allows: not yet, so many days left. It is the vault's clock that counts; the one of this device is only said to be
// wrong when it is.
import { useEffect, useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { skew, time } from "../core/session.ts";
import type { Terms } from "../core/terms.ts";
import { day, inDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";

const tick = 30_000; // milliseconds
const wrong = 300; // seconds by which a clock is worth a word

/** useTime is the vault's time, looked at again and again. */
export function useTime(c: Client): number {
  const [now, set] = useState(time(c));
  useEffect(() => {
    const timer = setInterval(() => set(time(c)), tick);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** span says a length of time in its largest unit. */
export function span(seconds: number): string {
  if (seconds >= 2 * 86_400) return t("read.days", { count: Math.floor(seconds / 86_400) });
  if (seconds >= 2 * 3600) return t("read.hours", { count: Math.floor(seconds / 3600) });
  return t("read.minutes", { count: Math.max(1, Math.ceil(seconds / 60)) });
}

/** hour writes the time of day in UTC, as the vault counts. */
export function hour(seconds: number): string {
  return inDigits(new Date(seconds * 1000).toISOString().slice(11, 16));
}

export function Clock({ c, terms }: { c: Client; terms: Terms }) {
  const now = useTime(c);
  const off = Math.abs(skew(c));
  return (
    <div class="clock">
      {now < terms.from
        ? <p><strong>{t("read.clock.opens", { day: day(terms.from), hour: hour(terms.from) })}</strong> {t("read.clock.in", { span: span(terms.from - now) })}</p>
        : <p>{now < terms.until ? t("read.clock.left", { span: span(terms.until - now) }) : t("read.clock.over")}</p>}
      {off > wrong && <p class="quiet">{t("read.clock.wrong", { span: span(off) })}</p>}
    </div>
  );
}
