// The last screen before an opening. It says that the opening is recorded and that she will see it, what the reader promised, and
// what it costs where she counts; and nothing is fetched before the one button is pressed.
import { useState } from "preact/hooks";
import type { Received } from "../core/inbox.ts";
import { size } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { replace } from "../ui/view.ts";
import { account, mine } from "./account.ts";
import { HowItCame } from "./came.tsx";
import { Clock } from "./clock.tsx";
import { Holds, useLabels } from "./labels.tsx";
import { known } from "./known.ts";
import { shorter } from "./order.ts";
import { Promises } from "./promises.tsx";
import { reading } from "./reading.tsx";
import { receive, wholeAtOnce, type Arrived } from "./receive.ts";
import { BackButton, scene, useDoing, Wait, Wrong } from "./scene.tsx";

export function before(of: Received, n: number) {
  return scene(t("read.before.title", { n }), () => <Before of={of} n={n} />);
}

function Before({ of, n }: { of: Received; n: number }) {
  const [arrived, tell] = useState({ arrived: 0, of: 0 });
  const { busy, error, run } = useDoing();
  const holds = useLabels(of);
  const open = (): void =>
    run(async () => {
      const got: Arrived = await receive(mine(), account().keys, of.grant, n, (came, all) => tell({ arrived: came, of: all }));
      say(t("read.opened"));
      await replace(reading(got));
    });
  const written = shorter(of.parts, n, (one) => known(of.grant, one)) && (of.parts.find((p) => p.n === n)?.length ?? 0) > wholeAtOnce / 16;
  return (
    <>
      <p class="notice"><strong>{t("read.before.seen")}</strong></p>
      {of.terms.max_reads > 0 && <p>{t("read.before.counts", { times: t("terms.times", { count: of.terms.max_reads }) })}</p>}
      <p>{t("read.before.care")}</p>
      <Holds said={holds} />
      <HowItCame of={of} n={n} />
      {written && <p>{t("read.before.shorter")}</p>}
      <Clock c={mine()} terms={of.terms} />
      <Promises terms={of.terms} />
      <Wrong error={error} />
      {busy && <Wait text={arrived.of > 0 ? t("read.coming", { got: size(arrived.arrived), all: size(arrived.of) }) : t("read.wait")} />}
      <div class="actions">
        <button type="button" class="main" disabled={busy || (holds.value === undefined && holds.error === undefined)} onClick={open}>{t("read.before.open")}</button>
        <BackButton />
      </div>
    </>
  );
}
