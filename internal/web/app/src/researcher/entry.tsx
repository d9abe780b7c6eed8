// One grant: its promises, its clock, its parts, and asking for more time. Parts stand in the order in which one can bear them: what
// is known to be a written copy first, then the short ones, which may be one, then the long.
import { granted, type Received } from "../core/inbox.ts";
import { day, size } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";
import { show } from "../ui/view.ts";
import { mine } from "./account.ts";
import { asking } from "./ask.tsx";
import { HowItCame } from "./came.tsx";
import { Clock } from "./clock.tsx";
import { Short } from "./fingerprint.tsx";
import { State } from "./inbox.tsx";
import { before } from "./before.tsx";
import { known } from "./known.ts";
import { inOrder } from "./order.ts";
import { Promises } from "./promises.tsx";
import { BackButton, scene, useComing, Wait, Wrong } from "./scene.tsx";

export function entry(grant: string) {
  return scene(t("read.entry.title"), () => <Entry grant={grant} />);
}

function Entry({ grant }: { grant: string }) {
  const now = useComing(() => granted(mine(), grant));
  if (now.error !== undefined) return <><Wrong error={now.error} again={now.again} /><BackButton /></>;
  if (now.value === undefined) return <Wait />;
  const one = now.value;
  return (
    <>
      <p>{t("read.from")} <Short of={one.from} /></p>
      <State of={one} />
      <Clock c={mine()} terms={one.terms} />
      <Promises terms={one.terms} />
      {one.answer && <p class="notice">{t(`read.answer.${one.answer.answer}` as Key, { day: day(one.answer.until) })}</p>}
      <Parts of={one} />
      <div class="actions">
        <button type="button" onClick={() => void show(asking(one))}>{t("read.ask.title")}</button>
        <BackButton />
      </div>
    </>
  );
}

// "read.answer.*" "read.kind.*"
function Parts({ of }: { of: Received }) {
  const parts = inOrder(of.parts, (n) => known(of.grant, n));
  return (
    <section>
      <h2>{t("read.parts.title")}</h2>
      {parts.length > 1 && <p class="quiet">{t("read.parts.order")}</p>}
      <ul class="cards">
        {parts.map((p) => (
          <li key={p.n}>
            <h3>{t("read.part", { n: p.n })}</h3>
            <p class="quiet">{described(of.grant, p.n)}{t("read.sealed", { size: size(p.length) })}</p>
            <HowItCame of={of} n={p.n} />
            <button type="button" disabled={of.state !== "live"} aria-label={t("read.open.part", { n: p.n })} onClick={() => void show(before(of, p.n))}>{t("read.open")}</button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function described(grant: string, n: number): string {
  const info = known(grant, n);
  if (info === undefined) return "";
  const kind = t(`read.kind.${info.kind}` as Key);
  return `${info.derived_from > 0 ? t("read.kind.of", { kind, n: info.derived_from }) : kind}. `;
}
