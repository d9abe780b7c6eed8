// Those for whom enough stewards vouch today. One steward is enough to stop it: what
// takes away is never harder than what gives.

import type { Client } from "../core/client.ts";
import type { Researcher } from "../core/readers.ts";
import { accredited, suspend } from "../core/stewards.ts";
import { Fault, useAct } from "../console/act.tsx";
import { useLoad, Waiting } from "../console/load.tsx";
import { Fingerprint, Theirs } from "../console/show.tsx";
import { day } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { Confirm, useAgreement } from "./agree.tsx";

export function Researchers(props: { client: Client }) {
  const readers = useLoad(() => accredited(props.client));
  return (
    <Waiting of={readers}>
      {(list) =>
        list.length === 0 ? (
          <p>{t("team.researchers.none")}</p>
        ) : (
          <ul class="cards">
            {list.map((r) => (
              <li key={r.account}>
                <One client={props.client} reader={r} done={readers.again} />
              </li>
            ))}
          </ul>
        )
      }
    </Waiting>
  );
}

function One(props: { client: Client; reader: Researcher; done: () => void }) {
  const r = props.reader;
  const act = useAct();
  const agreement = useAgreement<true>();
  const stop = async (): Promise<void> => {
    await agreement.ask(true);
    await suspend(props.client, r.account);
    say(t("team.suspended"));
    props.done();
  };
  return (
    <article>
      <h3>
        <Theirs text={r.name} />
      </h3>
      <p>
        <Theirs text={r.institution} />
      </p>
      <p>
        <Theirs text={r.purpose} />
      </p>
      <p>
        <Fingerprint account={r.account} />
      </p>
      <p class="quiet">{t("team.until", { day: day(r.until), names: r.vouched.join(", ") })}</p>
      {agreement.asked ? (
        <Confirm agreement={agreement} yes={t("team.suspend.sign")}>
          {() => <p>{t("team.suspend.means", { name: r.name })}</p>}
        </Confirm>
      ) : (
        <button type="button" class="danger" disabled={act.busy} onClick={() => { act.run(stop); }}>
          {t("team.suspend")}
        </button>
      )}
      <Fault act={act} />
    </article>
  );
}
