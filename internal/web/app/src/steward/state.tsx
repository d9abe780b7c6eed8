// How the vault is, without a word of what is in it.

import type { Client } from "../core/client.ts";
import { skew } from "../core/session.ts";
import { vault, type VaultInfo } from "../core/vault.ts";
import { useLoad, Waiting } from "../console/load.tsx";
import { Fingerprint } from "../console/show.tsx";
import { size } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";

const doors = { open: "team.state.open", code: "team.state.code", partners: "team.state.partners" } as const satisfies Record<VaultInfo["enrolment"], Key>;

interface Health {
  info: VaultInfo;
  ready: boolean;
}

export function State(props: { client: Client }) {
  const health = useLoad(() => look(props.client));
  return (
    <Waiting of={health}>
      {({ info, ready }) => (
        <>
          <p>{t(ready ? "team.state.ready" : "team.state.not_ready")}</p>
          {info.practice ? <p class="fault">{t("team.state.practice")}</p> : null}
          <dl class="facts">
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
  return { info, ready: answer.ok };
}
