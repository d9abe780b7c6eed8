// Acts on a console: something is under way, or it failed, or it is done. A button
// that has been pressed waits for the answer, so that nothing is signed twice by an
// impatient hand.

import { useState } from "preact/hooks";
import { faultText } from "../ui/fault.ts";
import { say } from "../ui/say.ts";

export interface Act {
  readonly busy: boolean;
  readonly fault: string; // "" for none
  readonly run: (what: () => Promise<void>) => void;
}

// useAct runs one thing at a time.
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState("");
  const run = (what: () => Promise<void>): void => {
    if (busy) return;
    setBusy(true);
    setFault("");
    what()
      .catch((error: unknown) => {
        setFault(faultText(error));
        say(faultText(error));
      })
      .finally(() => {
        setBusy(false);
      });
  };
  return { busy, fault, run };
}

// Fault shows what went wrong, where it happened.
export function Fault(props: { act: Act }) {
  return props.act.fault === "" ? null : (
    <p class="fault" role="alert">
      {props.act.fault}
    </p>
  );
}
