// Asking her to renew. The answer of the vault is the same whether and whenever she is shown it, and no answer is an answer: the
// screen says so, so that nobody waits at her door.
import { useState } from "preact/hooks";
import { askToRenew, type Received } from "../core/inbox.ts";
import { time } from "../core/session.ts";
import { defaultTerm, purposes, type Purpose } from "../core/terms.ts";
import { day } from "../ui/numbers.ts";
import { purposeWords } from "../ui/terms.ts";
import { t } from "../ui/texts.ts";
import { back } from "../ui/view.ts";
import { mine } from "./account.ts";
import { BackButton, scene, useDoing, Wrong } from "./scene.tsx";

export function asking(of: Received) {
  return scene(t("read.ask.title"), () => <Ask of={of} />);
}

const months = [3, 6, 12];

function Ask({ of }: { of: Received }) {
  const [chosen, choose] = useState<Purpose[]>(of.terms.purposes);
  const [months_, last] = useState(12);
  const [sent, said] = useState(false);
  const { busy, error, run } = useDoing();
  const until = (n: number): number => time(mine()) + Math.round((defaultTerm * n) / 12);
  const toggle = (p: Purpose): void => choose(chosen.includes(p) ? chosen.filter((one) => one !== p) : [...chosen, p]);
  if (sent) return <><p role="status">{t("read.ask.sent")}</p><div class="actions"><button type="button" class="main" onClick={back}>{t("read.back")}</button></div></>;
  const submit = (event: Event): void => {
    event.preventDefault();
    run(async () => {
      await askToRenew(mine(), of.grant, [...chosen].sort(), until(months_));
      said(true);
    });
  };
  return (
    <form onSubmit={submit}>
      <p>{t("read.ask.do")}</p>
      <fieldset>
        <legend>{t("read.ask.for")}</legend>
        {purposes.map((p) => <label class="pick" key={p}><input type="checkbox" autocomplete="off" checked={chosen.includes(p)} onChange={() => toggle(p)} />{purposeWords(p)}</label>)}
      </fieldset>
      <fieldset>
        <legend>{t("read.ask.until")}</legend>
        {months.map((n) => <label class="pick" key={n}><input type="radio" autocomplete="off" name="until" checked={months_ === n} onChange={() => last(n)} />{t("read.ask.months", { count: n, day: day(until(n)) })}</label>)}
      </fieldset>
      <Wrong error={error} />
      <div class="actions">
        <button type="submit" class="main" disabled={busy || chosen.length === 0}>{t("read.ask.send")}</button>
        <BackButton />
      </div>
    </form>
  );
}
