// An act asks before it signs, with exactly what would be signed. The question waits
// on the page; Yes and No are alike, and No stops the act before anything is sent.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { Failure } from "../core/failure.ts";
import { t } from "../ui/texts.ts";

export interface Agreement<T> {
  readonly asked: T | undefined;
  readonly ask: (what: T) => Promise<void>;
  readonly yes: () => void;
  readonly no: () => void;
}

export function useAgreement<T>(): Agreement<T> {
  const [asked, setAsked] = useState<T>();
  const answer = useRef<(agreed: boolean) => void>(() => undefined);
  const ask = async (what: T): Promise<void> => {
    setAsked(what);
    const agreed = await new Promise<boolean>((resolve) => {
      answer.current = resolve;
    });
    setAsked(undefined);
    if (!agreed) throw new Failure("stopped");
  };
  return { asked, ask, yes: () => { answer.current(true); }, no: () => { answer.current(false); } };
}

export function Confirm<T>(props: { agreement: Agreement<T>; yes: string; children: (what: T) => ComponentChildren }) {
  const { asked } = props.agreement;
  if (asked === undefined) return null;
  return (
    <section class="notice" role="group" aria-label={t("team.confirm")}>
      {props.children(asked)}
      <div class="actions">
        <button type="button" onClick={props.agreement.yes}>
          {props.yes}
        </button>
        <button type="button" onClick={props.agreement.no}>
          {t("no")}
        </button>
      </div>
    </section>
  );
}
