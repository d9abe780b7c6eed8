// Writing the next roster: somebody comes, somebody goes, or the number of stewards who
// must agree changes.

import { useState } from "preact/hooks";
import type { Roster } from "../core/stewards.ts";
import { Fault, useAct } from "../console/act.tsx";
import { latinDigits } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { Confirm, useAgreement } from "./agree.tsx";

interface Next {
  threshold: number;
  stewards: { name: string; key: string }[];
}

export function Propose(props: { now: Roster; propose: (threshold: number, stewards: { name: string; key: string }[]) => Promise<void> }) {
  const act = useAct();
  const agreement = useAgreement<Next>();
  const [line, setLine] = useState("");
  const [leaving, setLeaving] = useState("");
  const [threshold, setThreshold] = useState(String(props.now.threshold));
  const propose = async (): Promise<void> => {
    const next = nextOf(props.now, line, leaving, Number(latinDigits(threshold)));
    await agreement.ask(next);
    await props.propose(next.threshold, next.stewards);
    setLine("");
    setLeaving("");
  };
  return (
    <section>
      <h3>{t("team.roster.change")}</h3>
      <label>
        {t("team.roster.line")}
        <input dir="ltr" spellcheck={false} autocomplete="off" value={line} onInput={(e) => { setLine(e.currentTarget.value); }} />
      </label>
      <label>
        {t("team.roster.leaving")}
        <select autocomplete="off" value={leaving} onChange={(e) => { setLeaving(e.currentTarget.value); }}>
          <option value="">{t("team.roster.nobody")}</option>
          {props.now.stewards.map((s) => (
            <option key={s.key} value={s.key} dir="auto">
              {s.name}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t("team.roster.how_many")}
        <input autocomplete="off" inputMode="numeric" value={threshold} onInput={(e) => { setThreshold(e.currentTarget.value); }} />
      </label>
      {agreement.asked ? (
        <Confirm agreement={agreement} yes={t("team.roster.sign")}>
          {(next) => (
            <>
              <p>{t("team.roster.next", { names: next.stewards.map((s) => s.name).join(", ") })}</p>
              <p>{t("team.roster.threshold", { count: next.threshold, of: next.stewards.length })}</p>
            </>
          )}
        </Confirm>
      ) : (
        <button type="button" disabled={act.busy} onClick={() => { act.run(propose); }}>
          {t("team.roster.propose")}
        </button>
      )}
      <Fault act={act} />
    </section>
  );
}

// nextOf reads NAME=KEY, the line that a new steward hands over. The name can hold
// equals signs; the key cannot.
function nextOf(now: Roster, line: string, leaving: string, threshold: number): Next {
  const stewards = now.stewards.filter((s) => s.key !== leaving).map(({ name, key }) => ({ name, key }));
  const cut = line.lastIndexOf("=");
  if (cut > 0) stewards.push({ name: line.slice(0, cut).trim(), key: line.slice(cut + 1).trim() });
  return { threshold, stewards };
}
