// The first screen of an open account: how the stewards stand to it, what it may read, and what it still owes an answer for.
import { Notices } from "../console/notices.tsx";
import { applied, endings, inbox, type Applied, type Ending, type Receiving } from "../core/inbox.ts";
import { enrolled } from "../core/enrol.ts";
import { lock } from "../ui/holder.ts";
import { day } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";
import { replace, show } from "../ui/view.ts";
import { mine } from "./account.ts";
import { applying } from "./apply.tsx";
import { changing } from "./changekey.tsx";
import { ended, owed } from "./endings.tsx";
import { Fingerprint } from "./fingerprint.tsx";
import { Inbox } from "./inbox.tsx";
import { scene, Theirs, useComing, Wait, Wrong } from "./scene.tsx";

export function home() {
  return scene(t("read.inbox.title"), () => <Home />);
}

interface Standing {
  applied: Applied;
  grants: Receiving[];
  endings: Ending[];
}

async function standing(): Promise<Standing | undefined> {
  const c = mine();
  if ((await enrolled(c)) === "") return undefined;
  const one = await applied(c);
  if (one.state === "none") return undefined;
  const [grants, ends] = await Promise.all([inbox(c), endings(c)]);
  return { applied: one, grants, endings: ends };
}

function Home() {
  const now = useComing(standing);
  if (now.error !== undefined) return <><Wrong error={now.error} again={now.again} /><Leave /></>;
  if (now.value === undefined) return now.busy ? <Wait /> : <Unknown />;
  const { applied: one, grants, endings: ends } = now.value;
  const owes = ends.filter(owed).length;
  return (
    <>
      <Notices client={mine()} />
      <Vouched of={one} look={now.again} />
      {ends.length > 0 && (
        <p class={owes > 0 ? "notice" : ""}>
          <button type="button" onClick={() => void show(ended())}>{owes > 0 ? t("read.home.owed", { count: owes }) : t("read.home.ended", { count: ends.length })}</button>
        </p>
      )}
      {one.state === "waiting" ? null : <Inbox grants={grants} />}
      <Leave />
    </>
  );
}

// Words with which no application was made.
function Unknown() {
  return (
    <>
      <p>{t("read.home.none")}</p>
      <div class="actions"><button type="button" class="main" onClick={() => void show(applying())}>{t("read.apply.title")}</button></div>
      <Leave />
    </>
  );
}

function Vouched({ of, look }: { of: Applied; look: () => void }) {
  const account = mine().account;
  return (
    <section class={of.state === "accredited" ? "standing" : "standing notice"}>
      <p><strong>{t(`read.standing.${of.state}` as Key, { day: day(of.until - 1) })}</strong></p>
      <p class="quiet">{t("read.standing.as")} <Theirs>{of.name}</Theirs>, <Theirs>{of.institution}</Theirs></p>
      {of.state === "waiting" && <p>{t("read.standing.tell")}</p>}
      <h2>{t("read.account")}</h2>
      <Fingerprint of={account} />
      <div class="actions">
        <button type="button" class={of.state === "waiting" ? "main" : ""} onClick={look}>{t("read.standing.look")}</button>
        <button type="button" onClick={() => void show(changing())}>{t("read.change")}</button>
        {(of.state === "over" || of.state === "stopped") && <button type="button" onClick={() => void replace(applying())}>{t("read.apply.anew")}</button>}
      </div>
    </section>
  );
}

// "read.standing.*"
function Leave() {
  return <div class="actions"><button type="button" onClick={lock}>{t("read.lock")}</button></div>;
}
