// The officers' page: what the stewards have agreed with their organisation, and the keys of its programs. Two officers sign for a
// key, the second for exactly what the first has signed; one is enough to end it.
import type { Client } from "../core/client.ts";
import { office, retire, second, secondable, type Office } from "../core/partnering.ts";
import type { ProgramKey, Registration } from "../core/partners.ts";
import { Fault, useAct } from "../console/act.tsx";
import { useLoad, Waiting } from "../console/load.tsx";
import { Notices } from "../console/notices.tsx";
import { Fingerprint } from "../console/show.tsx";
import { Confirm, useAgreement } from "../steward/agree.tsx";
import { Agreement, Key } from "../steward/agreement.tsx";
import { Keys } from "../steward/keys.tsx";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { Register } from "./register.tsx";

export function Officer(props: { client: Client; lock: () => void }) {
  const mine = useLoad(() => office(props.client));
  return (
    <>
      <Notices client={props.client} />
      <Waiting of={mine}>{(of) => (of === null ? <Nobody client={props.client} look={mine.again} /> : <Desk client={props.client} of={of} done={mine.again} />)}</Waiting>
      <div class="actions">
        <button type="button" onClick={props.lock}>{t("team.lock")}</button>
      </div>
    </>
  );
}

// Nobody is an account that no agreement names: the stewards have to hear of it.
function Nobody(props: { client: Client; look: () => void }) {
  return (
    <section>
      <p>{t("team.officer.nobody")}</p>
      <p><Fingerprint account={props.client.account} /></p>
      <div class="actions">
        <button type="button" class="main" onClick={props.look}>{t("again")}</button>
      </div>
    </section>
  );
}

function Desk(props: { client: Client; of: Office; done: () => void }) {
  const { agreement, keys } = props.of;
  return (
    <>
      <section>
        <h2>{t("team.officer.agreement")}</h2>
        <p class="quiet">{t("team.voices.agreement", { count: agreement.vouched.length, threshold: agreement.threshold, names: agreement.vouched.join(", ") })}</p>
        <Agreement of={agreement.agreement} />
      </section>
      <section>
        <h2>{t("team.officer.keys")}</h2>
        <Keys keys={keys}>{(k) => <Acts client={props.client} of={k} done={props.done} />}</Keys>
      </section>
      <Register client={props.client} of={props.of} done={props.done} />
    </>
  );
}

function Acts(props: { client: Client; of: ProgramKey; done: () => void }) {
  return (
    <>
      {secondable(props.client, props.of) ? <Second {...props} /> : null}
      {props.of.state === "retired" || props.of.state === "over" ? null : <Retire {...props} />}
    </>
  );
}

function Second(props: { client: Client; of: ProgramKey; done: () => void }) {
  const act = useAct();
  const agreement = useAgreement<Registration>();
  const sign = async (): Promise<void> => {
    await second(props.client, props.of.hash, agreement.ask);
    say(t("team.key.counts"));
    props.done();
  };
  return (
    <>
      {agreement.asked ? <SignKey agreement={agreement} /> : (
        <div class="actions">
          <button type="button" class="main" disabled={act.busy} onClick={() => { act.run(sign); }}>{t("team.key.second")}</button>
        </div>
      )}
      <Fault act={act} />
    </>
  );
}

/** SignKey shows what an officer is about to sign, before it is signed. */
export function SignKey(props: { agreement: ReturnType<typeof useAgreement<Registration>> }) {
  return (
    <Confirm agreement={props.agreement} yes={t("team.vouch.sign")}>
      {(body) => (
        <>
          <p>{t("team.agree.exactly")}</p>
          <Key of={body} />
          <p class="quiet">{t("team.key.compare")}</p>
        </>
      )}
    </Confirm>
  );
}

function Retire(props: { client: Client; of: ProgramKey; done: () => void }) {
  const act = useAct();
  const agreement = useAgreement<true>();
  const stop = async (): Promise<void> => {
    await agreement.ask(true);
    await retire(props.client, props.of);
    say(t("team.key.retired"));
    props.done();
  };
  return (
    <>
      {agreement.asked ? (
        <Confirm agreement={agreement} yes={t("team.suspend.sign")}>{() => <p>{t("team.key.retire.means")}</p>}</Confirm>
      ) : (
        <div class="actions">
          <button type="button" disabled={act.busy} onClick={() => { act.run(stop); }}>{t("team.key.retire")}</button>
        </div>
      )}
      <Fault act={act} />
    </>
  );
}
