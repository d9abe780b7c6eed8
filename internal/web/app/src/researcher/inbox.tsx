// What was granted: each with its state in words and the way to it. A grant that its giver did not sign is shown as that and as
// nothing else.
import type { Received, Receiving } from "../core/inbox.ts";
import { t, type Key } from "../ui/texts.ts";
import { show } from "../ui/view.ts";
import { mine } from "./account.ts";
import { Clock } from "./clock.tsx";
import { Short } from "./fingerprint.tsx";
import { entry } from "./entry.tsx";
import { Wrong } from "./scene.tsx";

export function Inbox({ grants }: { grants: Receiving[] }) {
  if (grants.length === 0) return <p>{t("read.inbox.none")}</p>;
  return <ul class="cards">{grants.map((g) => <li key={g.grant}>{"doubt" in g ? <Doubtful of={g} /> : <Card of={g} />}</li>)}</ul>;
}

function Doubtful({ of }: { of: { grant: string; doubt: Error } }) {
  return (
    <>
      <p><Short of={of.grant} /></p>
      <Wrong error={of.doubt} />
    </>
  );
}

// "read.state.*"
export function State({ of }: { of: Received }) {
  return <p class={of.state === "live" ? "state live" : "state"}>{t(`read.state.${of.state}` as Key)}</p>;
}

function Card({ of }: { of: Received }) {
  return (
    <>
      <h2>{t("read.from")} <Short of={of.from} /></h2>
      <State of={of} />
      <Clock c={mine()} terms={of.terms} />
      <p class="quiet">{t("read.parts", { count: of.parts.length })}</p>
      <button type="button" class="main" aria-label={t("read.look", { from: of.from.slice(0, 8) })} onClick={() => void show(entry(of.grant))}>{t("read.look.short")}</button>
    </>
  );
}
