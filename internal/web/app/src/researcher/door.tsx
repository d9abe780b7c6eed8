// The first screen: whoever has words opens their account with them, whoever has none makes them.
import { lock, onLock } from "../ui/holder.ts";
import { t } from "../ui/texts.ts";
import { begin, show } from "../ui/view.ts";
import { entering } from "./enter.tsx";
import { newKey } from "./newkey.tsx";
import { scene } from "./scene.tsx";

/** door begins, and comes back whenever the account is closed. */
export async function door(): Promise<void> {
  onLock(() => void begin(first()));
  window.addEventListener("pagehide", lock);
  await begin(first());
}

function first() {
  return scene(t("read.heading"), () => (
    <>
      <p>{t("read.door.what")}</p>
      <p class="quiet">{t("read.door.seen")}</p>
      <ul class="choices">
        <li><button type="button" onClick={() => void show(entering())}>{t("read.door.words")}</button></li>
        <li><button type="button" onClick={() => void show(newKey())}>{t("read.door.new")}</button></li>
      </ul>
    </>
  ));
}
