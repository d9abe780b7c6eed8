// Writing an agreement: with a new partner, or the next one with a partner there is. Officers are named by their accounts, which
// the steward has heard from them; nothing is taken from a list that the vault shows.
import { useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { propose } from "../core/partnering.ts";
import { scopes, type Agreement as Body, type Partner, type Scope } from "../core/partners.ts";
import { Fault, useAct } from "../console/act.tsx";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { Confirm, useAgreement } from "./agree.tsx";
import { Agreement, Days, Scopes } from "./agreement.tsx";

const terms = [365, 730, 180, 90];

export function AgreeWith(props: { client: Client; partners: readonly Partner[]; done: () => void }) {
  const act = useAct();
  const agreement = useAgreement<Body>();
  const [partner, setPartner] = useState("");
  const [name, setName] = useState("");
  const [officers, setOfficers] = useState("");
  const [chosen, setScopes] = useState<Scope[]>([]);
  const [days, setDays] = useState(terms[0] ?? 365);
  const write = async (): Promise<void> => {
    const wish = { partner, name, officers: accounts(officers), scopes: chosen, days };
    const now = await propose(props.client, wish, agreement.ask);
    say(t(now.effective ? "team.agreed.effective" : "team.vouched.more", { count: now.threshold - now.approvals }));
    props.done();
  };
  const known = props.partners.filter((p) => p.name !== "");
  return (
    <section>
      <h3>{t("team.agree.new")}</h3>
      {known.length === 0 ? null : (
        <label>
          {t("team.agree.with")}
          <select autocomplete="off" value={partner} onChange={(e) => { setPartner(e.currentTarget.value); }}>
            <option value="">{t("team.agree.other")}</option>
            {known.map((p) => <option key={p.id} value={p.id} dir="auto">{p.name}</option>)}
          </select>
        </label>
      )}
      <label>
        {t("team.partner.name")}
        <input dir="auto" autocomplete="off" maxLength={200} value={name} onInput={(e) => { setName(e.currentTarget.value); }} />
      </label>
      <label>
        {t("team.agree.officers")}
        <textarea dir="ltr" rows={3} spellcheck={false} autocomplete="off" value={officers} onInput={(e) => { setOfficers(e.currentTarget.value); }} />
      </label>
      <Scopes of={scopes} chosen={chosen} choose={setScopes} />
      <Days of={terms} chosen={days} choose={setDays} />
      {agreement.asked ? (
        <Confirm agreement={agreement} yes={t("team.vouch.sign")}>
          {(body) => (
            <>
              <p>{t("team.agree.exactly")}</p>
              <Agreement of={body} />
              <p class="quiet">{t("team.agree.hear")}</p>
            </>
          )}
        </Confirm>
      ) : (
        <button type="button" disabled={act.busy || name.trim() === "" || accounts(officers).length < 2 || chosen.length === 0} onClick={() => { act.run(write); }}>
          {t("team.roster.propose")}
        </button>
      )}
      <Fault act={act} />
    </section>
  );
}

/** accounts reads one account a line. Blanks inside are from groups of four, as fingerprints are read out. */
function accounts(lines: string): string[] {
  return lines.split("\n").map((line) => line.replace(/\s+/g, "")).filter((line) => line !== "");
}
