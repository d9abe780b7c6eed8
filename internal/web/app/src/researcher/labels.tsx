// What she says that it holds, before it is opened. It stands in the grant that she signed, and only this reader can open it. What
// cannot be read is called so: it keeps nothing from being opened, and nobody is left to think that she said nothing.
import { openLabels, type Label } from "../core/labels.ts";
import type { Received } from "../core/inbox.ts";
import { t, type Key } from "../ui/texts.ts";
import { account } from "./account.ts";
import { useComing, type Coming } from "./scene.tsx";

export function useLabels(of: Received): Coming<Label[]> {
  return useComing(() => openLabels((file) => account().keys.openOwn(file), of.labels));
}

// "read.holds.*"
export function Holds({ said }: { said: Coming<Label[]> }) {
  if (said.error !== undefined) return <p class="notice holds">{t("read.holds.unread")}</p>;
  if (said.value === undefined || said.value.length === 0) return null;
  return (
    <section class="notice holds">
      <p><strong>{t("read.holds")}</strong></p>
      <ul>{said.value.map((one) => <li key={one}>{t(`read.holds.${one}` as Key)}</li>)}</ul>
    </section>
  );
}
