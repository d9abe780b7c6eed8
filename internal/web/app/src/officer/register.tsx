// Signing for a key as the first officer. The key is made where the program runs; what comes here is its public half. The next key
// of a program that there is already counts beside the one before, until that is ended: so it is changed without a gap.
import { useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { register, type Office } from "../core/partnering.ts";
import type { Registration, Scope } from "../core/partners.ts";
import { Fault, useAct } from "../console/act.tsx";
import { useAgreement } from "../steward/agree.tsx";
import { Days, Scopes } from "../steward/agreement.tsx";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { SignKey } from "./console.tsx";

const terms = [365, 180, 90, 30];

export function Register(props: { client: Client; of: Office; done: () => void }) {
  const act = useAct();
  const agreement = useAgreement<Registration>();
  const [client, setClient] = useState("");
  const [jwk, setJwk] = useState("");
  const [chosen, setScopes] = useState<Scope[]>([]);
  const [days, setDays] = useState(terms[0] ?? 365);
  const sign = async (): Promise<void> => {
    await register(props.client, props.of, { client: client.replace(/\s+/g, ""), jwk, scopes: chosen, days }, agreement.ask);
    say(t("team.key.signed"));
    props.done();
  };
  const programs = [...new Set(props.of.keys.map((k) => k.registration.client))];
  return (
    <section>
      <h2>{t("team.key.new")}</h2>
      <p>{t("team.key.new.do")}</p>
      <label>
        {t("team.key.program.id")}
        <input dir="ltr" list="programs" spellcheck={false} autocomplete="off" value={client} onInput={(e) => { setClient(e.currentTarget.value); }} />
      </label>
      <datalist id="programs">{programs.map((p) => <option key={p} value={p} />)}</datalist>
      {programs.includes(client) ? <p class="notice">{t("team.key.beside")}</p> : null}
      <label>
        {t("team.key.public")}
        <textarea dir="ltr" rows={3} spellcheck={false} autocomplete="off" value={jwk} onInput={(e) => { setJwk(e.currentTarget.value); }} />
      </label>
      <Scopes of={props.of.agreement.agreement.scopes} chosen={chosen} choose={setScopes} />
      <Days of={terms} chosen={days} choose={setDays} />
      {agreement.asked ? <SignKey agreement={agreement} /> : (
        <button type="button" disabled={act.busy || client.trim() === "" || jwk.trim() === "" || chosen.length === 0} onClick={() => { act.run(sign); }}>
          {t("team.roster.propose")}
        </button>
      )}
      <Fault act={act} />
    </section>
  );
}
