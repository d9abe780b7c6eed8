// The queue: people who ask to be vouched for. What they say of themselves is their
// word; the fingerprint is what the steward compares with what they said by another
// way, and what is signed is shown before it is signed.

import { useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { accredit, applications, type Applicant, type Vouching } from "../core/stewards.ts";
import { Fault, useAct } from "../console/act.tsx";
import { useLoad, Waiting } from "../console/load.tsx";
import { Fingerprint, Theirs } from "../console/show.tsx";
import { day } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { Confirm, useAgreement } from "./agree.tsx";

const terms = [365, 180, 90, 30];

export function Applications(props: { client: Client }) {
  const waiting = useLoad(() => applications(props.client));
  return (
    <Waiting of={waiting}>
      {(list) =>
        list.length === 0 ? (
          <p>{t("team.applications.none")}</p>
        ) : (
          <>
            <p>{t("team.applications.do")}</p>
            <ul class="cards">
              {list.map((a) => (
                <li key={a.account}>
                  <One client={props.client} applicant={a} done={waiting.again} />
                </li>
              ))}
            </ul>
          </>
        )
      }
    </Waiting>
  );
}

function One(props: { client: Client; applicant: Applicant; done: () => void }) {
  const a = props.applicant;
  const act = useAct();
  const agreement = useAgreement<Vouching>();
  const [days, setDays] = useState(terms[0] ?? 365);
  const vouch = async (): Promise<void> => {
    const approval = await accredit(props.client, a.account, days, agreement.ask);
    say(t(approval.effective ? "team.vouched.effective" : "team.vouched.more", { count: approval.threshold - approval.approvals }));
    props.done();
  };
  return (
    <article>
      <h3>
        <Theirs text={a.name} />
      </h3>
      <p>
        <Theirs text={a.institution} />
      </p>
      <p>
        <Theirs text={a.purpose} />
      </p>
      <p>
        <Fingerprint account={a.account} />
      </p>
      <p class="quiet">{t("team.voices", { count: a.voices, threshold: a.threshold })}</p>
      {a.mine ? (
        <p>{t("team.mine")}</p>
      ) : agreement.asked ? (
        <Confirm agreement={agreement} yes={t("team.vouch.sign")}>
          {(v) => (
            <>
              <p>{t("team.vouch.exactly", { name: v.name, institution: v.institution, purpose: v.purpose, from: day(v.from), until: day(v.until) })}</p>
              <p class="quiet">{t("team.vouch.opens_nothing")}</p>
            </>
          )}
        </Confirm>
      ) : (
        <div class="actions">
          <label>
            {t("team.vouch.days")}
            <select autocomplete="off" value={days} onChange={(e) => { setDays(Number(e.currentTarget.value)); }}>
              {terms.map((n) => (
                <option key={n} value={n}>
                  {t("team.days", { count: n })}
                </option>
              ))}
            </select>
          </label>
          <button type="button" class="main" disabled={act.busy} onClick={() => { act.run(vouch); }}>
            {t("team.vouch")}
          </button>
        </div>
      )}
      <Fault act={act} />
    </article>
  );
}
