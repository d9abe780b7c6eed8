// The first screen: whoever has words opens their account with them, whoever has none makes them.
import { lock, onLock } from "../ui/holder.ts";
import { t } from "../ui/texts.ts";
import { unlock } from "../ui/unlock.ts";
import { begin, show } from "../ui/view.ts";
import { home } from "./home.tsx";
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
        <li><button type="button" onClick={() => void enter()}>{t("read.door.words")}</button></li>
        <li><button type="button" onClick={() => void show(newKey())}>{t("read.door.new")}</button></li>
      </ul>
    </>
  ));
}

async function enter(): Promise<void> {
  await show(await unlock({ role: "researcher", fresh: true, title: t("read.door.words"), then: () => begin(home()) }));
}
