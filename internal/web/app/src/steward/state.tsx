// How the vault is, without a word of what is in it.

import type { Client } from "../core/client.ts";
import { skew } from "../core/session.ts";
import { allPartners, overdue, type Late } from "../core/partnering.ts";
import { inForce, type Partner } from "../core/partners.ts";
import { accredited, applications } from "../core/stewards.ts";
import { vault, type VaultInfo } from "../core/vault.ts";
import { useLoad, Waiting } from "../console/load.tsx";
import { Fingerprint, Theirs } from "../console/show.tsx";
import { day, number, size } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";

const doors = { open: "team.state.open", code: "team.state.code", partners: "team.state.partners" } as const satisfies Record<VaultInfo["enrolment"], Key>;

interface Health {
  info: VaultInfo;
  ready: boolean;
  waiting: number;
  accredited: number;
  partners: Partner[];
  late: Late[];
}

export function State(props: { client: Client }) {
  const health = useLoad(() => look(props.client));
  return (
    <Waiting of={health}>
      {({ info, ready, waiting, accredited: readers, partners, late }) => (
        <>
          <p>{t(ready ? "team.state.ready" : "team.state.not_ready")}</p>
          {info.practice ? <p class="fault">{t("team.state.practice")}</p> : null}
          <Overdue late={late} partners={partners} />
          <dl class="facts">
            <dt>{t("team.state.waiting")}</dt>
            <dd>{number(waiting)}</dd>
            <dt>{t("team.state.readers")}</dt>
            <dd>{number(readers)}</dd>
            <dt>{t("team.state.live")}</dt>
            <dd>{number(partners.filter((p) => inForce(p) !== undefined).length)}</dd>
            <dt>{t("team.state.id")}</dt>
            <dd>
              <Fingerprint account={info.vault_id} />
            </dd>
            <dt>{t("team.state.enrolment")}</dt>
            <dd>{t(doors[info.enrolment])}</dd>
            <dt>{t("team.state.arrival")}</dt>
            <dd>{t(info.on_arrival ? "yes" : "no")}</dd>
            <dt>{t("team.state.largest")}</dt>
            <dd>{size(info.limits.payload)}</dd>
            <dt>{t("team.state.backups")}</dt>
            <dd>{t("team.days", { count: info.erasure.backups_days })}</dd>
            <dt>{t("team.state.clock")}</dt>
            <dd>{t("team.state.seconds", { count: Math.abs(skew(props.client)) })}</dd>
          </dl>
        </>
      )}
    </Waiting>
  );
}

async function look(client: Client): Promise<Health> {
  const info = await vault(client);
  const answer = await client.fetch(new URL("/readyz", client.server), { cache: "no-store", credentials: "omit" });
  const [waiting, readers, partners, late] = await Promise.all([applications(client), accredited(client), allPartners(client), overdue(client)]);
  return { info, ready: answer.ok, waiting: waiting.length, accredited: readers.length, partners, late };
}

// Overdue says who owes an answer to the end of a consent. Nothing of it tells whose consent that was, or to what.
function Overdue({ late, partners }: { late: readonly Late[]; partners: readonly Partner[] }) {
  if (late.length === 0) return <p>{t("team.overdue.none")}</p>;
  return (
    <section class="notice">
      <h3>{t("team.overdue")}</h3>
      <ul>
        {late.map((l) => (
          <li key={l.partner}>
            <p><Theirs text={partners.find((p) => p.id === l.partner)?.name || t("team.partners.unknown")} /></p>
            <p>{t("team.overdue.one", { count: l.withdrawals, day: day(l.since) })}</p>
          </li>
        ))}
      </ul>
      <p class="quiet">{t("team.overdue.do")}</p>
    </section>
  );
}
