// How a part came that somebody else brought: always in view where the part is, before it is opened and after. By whom, where she lets
// it be seen, as stewards signed the name; nothing else is shown as one.
import { bringerName, type Came } from "../core/came.ts";
import type { Received } from "../core/inbox.ts";
import { day } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";
import { mine } from "./account.ts";
import { Theirs, useComing } from "./scene.tsx";

export function HowItCame({ of, n }: { of: Received; n: number }) {
  const came = of.came.find((one) => one.n === n);
  if (came === undefined) return null;
  return (
    <div class="notice came">
      <p>{!came.signed && `${t("read.came.word")} `}{how(came)}</p>
      {came.partner !== "" && <Bringer of={came} />}
    </div>
  );
}

// "read.came.*"
function how(came: Came): string {
  return t(`read.came.${came.claimed ? "claimed" : came.assurance}` as Key);
}

function Bringer({ of }: { of: Came }) {
  const name = useComing(() => bringerName(mine(), of).catch(() => ""));
  if (name.value === undefined) return null;
  return <p>{t("read.came.by", { day: day(of.day) })} {name.value === "" ? t("read.came.nobody", { partner: of.partner.slice(0, 8) }) : <Theirs>{name.value}</Theirs>}</p>;
}
