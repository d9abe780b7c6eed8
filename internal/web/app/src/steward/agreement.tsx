// An agreement with a partner, as it is shown before it is signed and afterwards: in its own words, all of them.
import { Fingerprint, Theirs } from "../console/show.tsx";
import { keyName, type Agreement as Body, type Registration, type Scope } from "../core/partners.ts";
import { day } from "../ui/numbers.ts";
import { t, type Key as Text } from "../ui/texts.ts";

/** Agreement shows a body word for word. */
export function Agreement({ of }: { of: Readonly<Body> }) {
  return (
    <dl class="facts">
      <dt>{t("team.partner.name")}</dt>
      <dd><Theirs text={of.name} /></dd>
      <dt>{t("team.partner.id")}</dt>
      <dd><Fingerprint account={of.partner} /></dd>
      <dt>{t("team.partner.officers")}</dt>
      <dd><ul>{of.officers.map((o) => <li key={o}><Fingerprint account={o} /></li>)}</ul></dd>
      <Terms scopes={of.scopes} from={of.from} until={of.until} />
    </dl>
  );
}

/** Key shows what officers sign for a key, word for word. */
export function Key({ of }: { of: Readonly<Registration> }) {
  return (
    <dl class="facts">
      <dt>{t("team.key.program")}</dt>
      <dd><Fingerprint account={of.client} /></dd>
      <dt>{t("team.key.key")}</dt>
      <dd><Fingerprint account={keyName(of.jwk)} /></dd>
      <Terms scopes={of.scopes} from={of.from} until={of.until} />
    </dl>
  );
}

// "team.scope.*"
function Terms(of: { scopes: readonly Scope[]; from: number; until: number }) {
  return (
    <>
      <dt>{t("team.partner.may")}</dt>
      <dd><ul>{of.scopes.map((s) => <li key={s}>{t(`team.scope.${s}` as Text)}</li>)}</ul></dd>
      <dt>{t("team.partner.term")}</dt>
      <dd>{t("team.partner.from_until", { from: day(of.from), until: day(of.until - 1) })}</dd>
    </>
  );
}

/** Scopes lets somebody choose among scopes; nothing is chosen before. */
export function Scopes(props: { of: readonly Scope[]; chosen: readonly Scope[]; choose: (scopes: Scope[]) => void }) {
  const toggle = (s: Scope): void => { props.choose(props.chosen.includes(s) ? props.chosen.filter((one) => one !== s) : [...props.chosen, s]); };
  return (
    <fieldset>
      <legend>{t("team.partner.may")}</legend>
      {props.of.map((s) => (
        <label class="pick" key={s}>
          <input type="checkbox" autocomplete="off" checked={props.chosen.includes(s)} onChange={() => { toggle(s); }} />
          {t(`team.scope.${s}` as Text)}
        </label>
      ))}
    </fieldset>
  );
}

/** Days lets somebody choose how long. */
export function Days(props: { of: readonly number[]; chosen: number; choose: (days: number) => void }) {
  return (
    <label>
      {t("team.vouch.days")}
      <select autocomplete="off" value={props.chosen} onChange={(e) => { props.choose(Number(e.currentTarget.value)); }}>
        {props.of.map((n) => <option key={n} value={n}>{t("team.days", { count: n })}</option>)}
      </select>
    </label>
  );
}
