// Another key for a reader. The stewards vouched for this one, and every grant is wrapped to it, so nothing can be handed over: the
// reader makes a new account, applies with it, and is let in anew by those who want to. What is here stays readable with the old
// words for as long as it stands. The old account is named to the stewards, so that they can stop it.
import { lock } from "../ui/holder.ts";
import { t } from "../ui/texts.ts";
import { begin } from "../ui/view.ts";
import { mine } from "./account.ts";
import { Fingerprint } from "./fingerprint.tsx";
import { newKey } from "./newkey.tsx";
import { BackButton, scene } from "./scene.tsx";

export function changing() {
  return scene(t("read.change"), () => <Change account={mine().account} />);
}

function Change({ account }: { account: string }) {
  const make = (): void => {
    lock(); // the old key is not in memory while the new one is made
    void begin(newKey());
  };
  return (
    <>
      <p>{t("read.change.why")}</p>
      <ol>
        <li>{t("read.change.make")}</li>
        <li>{t("read.change.tell")} <Fingerprint of={account} /></li>
        <li>{t("read.change.ask")}</li>
      </ol>
      <p>{t("read.change.answer")}</p>
      <div class="actions">
        <button type="button" class="main" onClick={make}>{t("read.new.make")}</button>
        <BackButton />
      </div>
    </>
  );
}
