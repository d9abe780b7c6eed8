// What a view shows is fetched when it opens, and again after an act has changed it.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { faultText } from "../ui/fault.ts";
import { t } from "../ui/texts.ts";

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly fault: string;
  readonly again: () => void;
}

// useLoad fetches once, and each time again is called. An answer that comes after a
// newer question, or after the view has gone, is dropped.
export function useLoad<T>(fetching: () => Promise<T>): Loaded<T> {
  const [round, setRound] = useState(0);
  const [value, setValue] = useState<T>();
  const [fault, setFault] = useState("");
  useEffect(() => {
    let current = true;
    fetching().then(
      (got) => {
        if (!current) return;
        setValue(got);
        setFault("");
      },
      (error: unknown) => {
        if (current) setFault(faultText(error));
      },
    );
    return () => {
      current = false;
    };
  }, [round]);
  return { value, fault, again: () => { setRound((n) => n + 1); } };
}

// Waiting shows what was loaded, or that it is coming, or why it is not.
export function Waiting<T>(props: { of: Loaded<T>; children: (value: T) => ComponentChildren }) {
  const { value, fault } = props.of;
  if (fault !== "") {
    return (
      <div class="fault" role="alert">
        <p>{fault}</p>
        <button type="button" onClick={props.of.again}>
          {t("again")}
        </button>
      </div>
    );
  }
  return value === undefined ? <p class="quiet">{t("waiting")}</p> : <>{props.children(value)}</>;
}
