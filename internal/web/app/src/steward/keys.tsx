// Keys of a partner's programs, each with who signed for it. How one stands follows from the officers' signatures.
import type { ComponentChildren } from "preact";
import { officersNeeded, type ProgramKey } from "../core/partners.ts";
import { Fingerprint } from "../console/show.tsx";
import { t, type Key as Text } from "../ui/texts.ts";
import { Key } from "./agreement.tsx";

// "team.key.state.*"
export function Keys(props: { keys: readonly ProgramKey[]; children?: (key: ProgramKey) => ComponentChildren }) {
  if (props.keys.length === 0) return <p>{t("team.keys.none")}</p>;
  return (
    <ul class="cards">
      {props.keys.map((k) => (
        <li key={k.hash}>
          <p class={k.state === "stranger" ? "fault" : "state"} data-state={k.state}>{t(`team.key.state.${k.state}` as Text)}</p>
          <Key of={k.registration} />
          <p class="quiet">{t("team.key.officers", { count: k.officers.length, threshold: officersNeeded })}</p>
          {k.officers.length > 0 ? <ul>{k.officers.map((o) => <li key={o}><Fingerprint account={o} /></li>)}</ul> : null}
          {k.others > 0 ? <p class="fault">{t("team.key.others", { count: k.others })}</p> : null}
          {props.children?.(k)}
        </li>
      ))}
    </ul>
  );
}
