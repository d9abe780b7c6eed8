// Codes that open one account each, for vaults that are not open to everybody.

import { useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { invite, type Role } from "../core/enrol.ts";
import { Fault, useAct } from "../console/act.tsx";
import { day } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";

const roles = { participant: "team.invite.participant", researcher: "team.invite.researcher", partner: "team.invite.partner" } as const satisfies Partial<Record<Role, Key>>;

export function Invitations(props: { client: Client }) {
  const act = useAct();
  const [made, setMade] = useState<{ invitation: string; expires: number }>();
  return (
    <>
      <p>{t("team.invite.do")}</p>
      <div class="actions">
        {(Object.keys(roles) as (keyof typeof roles)[]).map((role) => (
          <button type="button" key={role} disabled={act.busy} onClick={() => { act.run(async () => { setMade(await invite(props.client, role)); }); }}>
            {t(roles[role])}
          </button>
        ))}
      </div>
      {made ? (
        <section class="notice" role="status">
          <p>
            <code dir="ltr">{made.invitation}</code>
          </p>
          <p>{t("team.invite.once", { day: day(made.expires) })}</p>
        </section>
      ) : null}
      <Fault act={act} />
    </>
  );
}
