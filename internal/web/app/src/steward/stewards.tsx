// The roster: whose signatures count, and how many it takes. The next roster is a
// document; each steward reads what it would change before signing it.

import { useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { approveRoster, proposeRoster, readProposal, roster, type Roster } from "../core/stewards.ts";
import { Fault, useAct } from "../console/act.tsx";
import { useLoad, Waiting } from "../console/load.tsx";
import { Fingerprint, Theirs } from "../console/show.tsx";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { Confirm, useAgreement } from "./agree.tsx";
import { Propose } from "./propose.tsx";

type Proposal = Awaited<ReturnType<typeof readProposal>>;

export function Stewards(props: { client: Client }) {
  const now = useLoad(() => roster(props.client));
  const [document, setDocument] = useState("");
  const propose = async (threshold: number, stewards: { name: string; key: string }[]): Promise<void> => {
    const made = await proposeRoster(props.client, threshold, stewards);
    setDocument(made.effective ? "" : made.document);
    say(t(made.effective ? "team.roster.effective" : "team.roster.signed"));
    now.again();
  };
  return (
    <Waiting of={now}>
      {(present) => (
        <>
          <p>{t("team.roster.threshold", { count: present.threshold, of: present.stewards.length })}</p>
          <People of={present} />
          {document === "" ? null : <Handed document={document} />}
          <Propose now={present} propose={propose} />
          <Approve client={props.client} done={now.again} />
        </>
      )}
    </Waiting>
  );
}

function People(props: { of: Roster }) {
  return (
    <ul class="cards">
      {props.of.stewards.map((s) => (
        <li key={s.key}>
          <Theirs text={s.name} /> <Fingerprint account={s.account} />
        </li>
      ))}
    </ul>
  );
}

// Handed is the document for the other stewards. It is no secret: it says who would
// count, and counts for nothing until enough have signed it.
function Handed(props: { document: string }) {
  return (
    <section class="notice">
      <p>{t("team.roster.hand")}</p>
      <textarea autocomplete="off" readOnly dir="ltr" rows={6} aria-label={t("team.roster.document")} value={props.document} />
    </section>
  );
}

function Approve(props: { client: Client; done: () => void }) {
  const act = useAct();
  const agreement = useAgreement<Proposal>();
  const [text, setText] = useState("");
  const approve = async (): Promise<void> => {
    await agreement.ask(await readProposal(props.client, text.trim()));
    const effective = await approveRoster(props.client, text.trim());
    say(t(effective ? "team.roster.effective" : "team.roster.signed"));
    setText("");
    props.done();
  };
  return (
    <section>
      <h3>{t("team.roster.approve")}</h3>
      <label>
        {t("team.roster.paste")}
        <textarea dir="ltr" rows={4} spellcheck={false} autocomplete="off" value={text} onInput={(e) => { setText(e.currentTarget.value); }} />
      </label>
      {agreement.asked ? (
        <Confirm agreement={agreement} yes={t("team.roster.sign")}>
          {(p) => <Change of={p} />}
        </Confirm>
      ) : (
        <button type="button" disabled={act.busy || text.trim() === ""} onClick={() => { act.run(approve); }}>
          {t("team.roster.read")}
        </button>
      )}
      <Fault act={act} />
    </section>
  );
}

// Change says what would be different, person by person.
function Change(props: { of: Proposal }) {
  const { now, next } = props.of;
  const gone = now.stewards.filter((s) => !next.stewards.some((n) => n.key === s.key));
  const come = next.stewards.filter((s) => !now.stewards.some((n) => n.key === s.key));
  return (
    <>
      {come.map((s) => (
        <p key={s.key}>
          {t("team.roster.comes", { name: s.name })} <Fingerprint account={s.account} />
        </p>
      ))}
      {gone.map((s) => (
        <p key={s.key}>{t("team.roster.goes", { name: s.name })}</p>
      ))}
      <p>{t("team.roster.threshold", { count: next.threshold, of: next.stewards.length })}</p>
    </>
  );
}
