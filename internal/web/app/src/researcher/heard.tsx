// Telling her that she was heard: one of three sentences, which she reads in her own language. There is no field to write in.
import { useState } from "preact/hooks";
import { hear, hearings, type Hearing } from "../core/notes.ts";
import type { Received } from "../core/inbox.ts";
import { t, type Key } from "../ui/texts.ts";
import { mine } from "./account.ts";
import { BackButton, scene, useDoing, Wrong } from "./scene.tsx";

export function hearing(of: Received) {
  return scene(t("read.heard"), () => <Hear of={of} />);
}

// "read.heard.say.*"
function Hear({ of }: { of: Received }) {
  const [chosen, choose] = useState<Hearing | undefined>(undefined);
  const [said, told] = useState(false);
  const { busy, error, run } = useDoing();
  if (said) return <><p role="status">{t("read.heard.done")}</p><div class="actions"><BackButton /></div></>;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (chosen === undefined) return;
    run(async () => {
      await hear(mine(), of.grant, chosen);
      told(true);
    });
  };
  return (
    <form onSubmit={submit}>
      <p>{t("read.heard.do")}</p>
      <fieldset>
        <legend>{t("read.heard.choose")}</legend>
        {hearings.map((one) => (
          <label class="pick" key={one}>
            <input type="radio" autocomplete="off" name="hearing" checked={chosen === one} onChange={() => choose(one)} />
            {t(`read.heard.say.${one}` as Key)}
          </label>
        ))}
      </fieldset>
      <p class="quiet">{t("read.heard.once")}</p>
      <Wrong error={error} />
      <div class="actions">
        <button type="submit" class="main" disabled={busy || chosen === undefined}>{t("read.heard.send")}</button>
        <BackButton />
      </div>
    </form>
  );
}
