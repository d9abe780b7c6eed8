// What everybody who comes to a vault is told before anything else: that it closes or moves, and that a steward has stopped saying
// that no secret demand came. Both are held against the roster, which is verified from the vault id on. She is told the same in her
// vault (mine/farewell.ts, mine/silence.ts), in words about what is hers.
import { useEffect, useState } from "preact/hooks";
import { canary, type Canary } from "../core/canary.ts";
import type { Client } from "../core/client.ts";
import { untrusted } from "../core/failure.ts";
import { stewards, type Farewell } from "../core/roster.ts";
import { faultText } from "../ui/fault.ts";
import { day } from "../ui/numbers.ts";
import { loadTexts, t } from "../ui/texts.ts";
import { Theirs } from "./show.tsx";

interface Said {
  readonly farewell?: Farewell | undefined;
  readonly silence?: Canary | undefined;
  readonly fault?: string; // stewards who are none must not pass for stewards who say nothing
}

/** look keeps nobody from the page: a vault that cannot be reached here is not reached there either, and that is told there. */
async function look(c: Client): Promise<Said> {
  try {
    const [{ now }, silence] = await Promise.all([stewards(c), canary(c), loadTexts("notices")]);
    return { farewell: now.document.farewell, silence };
  } catch (error) {
    return untrusted(error) ? { fault: faultText(error) } : {};
  }
}

export function Notices(props: { client: Client }) {
  const [said, tell] = useState<Said>({});
  useEffect(() => {
    let here = true;
    void look(props.client).then((found) => {
      if (here) tell(found);
    });
    return () => {
      here = false;
    };
  }, []);
  return (
    <div role="status">
      {said.fault === undefined ? null : <p class="fault">{said.fault}</p>}
      {said.farewell === undefined ? null : <Leaving of={said.farewell} />}
      {said.silence === undefined ? null : <Silence of={said.silence} />}
    </div>
  );
}

function Leaving({ of }: { of: Farewell }) {
  const days = { stops: day(seconds(of.stops)), last: day(seconds(of.last)) };
  return (
    <div class="fault">
      <p><strong>{of.origin === undefined ? t("notices.closing") : t("notices.moving", { origin: of.origin })}</strong></p>
      <p>{t("notices.days", days)}</p>
    </div>
  );
}

function Silence({ of }: { of: Canary }) {
  if (of.silent.length === 0 && of.refused === 0) return null;
  return (
    <div class="fault">
      {of.silent.map((s) => <p key={s.name}><Theirs text={s.name} /> {t("notices.since", { day: day(s.until) })}</p>)}
      {of.refused > 0 ? <p>{t("notices.false")}</p> : null}
      <p>{t("notices.then")}</p>
    </div>
  );
}

const seconds = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 1000;
