// Partner organisations: what the stewards have agreed with each, by their signatures and by nothing that the vault says, and whose
// keys their programs have. One steward can stop a partner at once; it takes as many as the roster says to begin.
import { useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { allPartners, halt, join, joinable, keysAt } from "../core/partnering.ts";
import type { Agreement as Body, Organisation, Partner } from "../core/partners.ts";
import { Fault, useAct } from "../console/act.tsx";
import { useLoad, Waiting } from "../console/load.tsx";
import { Fingerprint, Theirs } from "../console/show.tsx";
import { say } from "../ui/say.ts";
import { t, type Key } from "../ui/texts.ts";
import { Confirm, useAgreement } from "./agree.tsx";
import { Agreement } from "./agreement.tsx";
import { AgreeWith } from "./agreewith.tsx";
import { Keys } from "./keys.tsx";

export function Partners(props: { client: Client }) {
  const all = useLoad(() => allPartners(props.client));
  return (
    <Waiting of={all}>
      {(list) => (
        <>
          {list.length === 0 ? <p>{t("team.partners.none")}</p> : null}
          <ul class="cards">
            {list.map((p) => (
              <li key={p.id}>
                <One client={props.client} partner={p} done={all.again} />
              </li>
            ))}
          </ul>
          <AgreeWith client={props.client} partners={list} done={all.again} />
        </>
      )}
    </Waiting>
  );
}

function One(props: { client: Client; partner: Partner; done: () => void }) {
  const p = props.partner;
  const [keys, show] = useState(false);
  return (
    <article>
      <h3>{p.name === "" ? t("team.partners.unknown") : <Theirs text={p.name} />}</h3>
      <p><Fingerprint account={p.id} /></p>
      {p.claimed ? <p class="fault" role="alert">{t("team.partners.claimed")}</p> : null}
      {p.agreements.map((a) => <OneAgreement key={a.hash} client={props.client} partner={p} of={a} done={props.done} />)}
      {keys ? <TheirKeys client={props.client} partner={p} /> : (
        <div class="actions">
          <button type="button" onClick={() => { show(true); }}>{t("team.partners.keys")}</button>
        </div>
      )}
      <Halt client={props.client} partner={p} done={props.done} />
    </article>
  );
}

// "team.agreement.*"
function OneAgreement(props: { client: Client; partner: Partner; of: Organisation; done: () => void }) {
  const a = props.of;
  const act = useAct();
  const agreement = useAgreement<Body>();
  const sign = async (): Promise<void> => {
    const now = await join(props.client, props.partner, a.hash, agreement.ask);
    say(t(now.effective ? "team.agreed.effective" : "team.vouched.more", { count: now.threshold - now.approvals }));
    props.done();
  };
  return (
    <section>
      <p class={a.state === "invented" ? "fault" : "state"} data-state={a.state}>{t(`team.agreement.${a.state}` as Key)}</p>
      {a.state === "invented" ? null : <p class="quiet">{t("team.voices.agreement", { count: a.vouched.length, threshold: a.threshold, names: a.vouched.join(", ") })}</p>}
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
        <>
          <Agreement of={a.agreement} />
          {joinable(props.client, a) ? (
            <div class="actions">
              <button type="button" class="main" disabled={act.busy} onClick={() => { act.run(sign); }}>{t("team.agree.join")}</button>
            </div>
          ) : null}
        </>
      )}
      <Fault act={act} />
    </section>
  );
}

/** What can still let somebody in, now or later, can be stopped. */
function Halt(props: { client: Client; partner: Partner; done: () => void }) {
  const act = useAct();
  const agreement = useAgreement<true>();
  if (!props.partner.agreements.some((a) => ["in-force", "to-begin", "waiting"].includes(a.state))) return null;
  const stop = async (): Promise<void> => {
    await agreement.ask(true);
    await halt(props.client, props.partner.id);
    say(t("team.halted"));
    props.done();
  };
  return (
    <>
      {agreement.asked ? (
        <Confirm agreement={agreement} yes={t("team.suspend.sign")}>{() => <p>{t("team.halt.means", { name: props.partner.name })}</p>}</Confirm>
      ) : (
        <div class="actions">
          <button type="button" disabled={act.busy} onClick={() => { act.run(stop); }}>{t("team.halt")}</button>
        </div>
      )}
      <Fault act={act} />
    </>
  );
}

function TheirKeys(props: { client: Client; partner: Partner }) {
  const keys = useLoad(() => keysAt(props.client, props.partner));
  return <Waiting of={keys}>{(list) => <Keys keys={list} />}</Waiting>;
}
