// What was taken back, and the reader's answer: seen, every copy destroyed, or kept and why. She sees it. Nothing here knows which
// copies there are; only the reader does, and says so on their word.
import { useState } from "preact/hooks";
import { endings, reply, type Ending } from "../core/inbox.ts";
import { day, size } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";
import { again, show, back } from "../ui/view.ts";
import { mine } from "./account.ts";
import { hour } from "./clock.tsx";
import { Short } from "./fingerprint.tsx";
import { BackButton, scene, Theirs, useComing, useDoing, Wait, Wrong } from "./scene.tsx";

/** owed says whether an answer is still due: nothing was said, or only that it was seen where copies had left. */
export function owed(e: Ending): boolean {
  return e.doubt === undefined && (e.state === "notified" || e.state === "silent" || (e.state === "acknowledged" && e.fetched.length > 0));
}

export function ended() {
  return scene(t("read.ended.title"), () => <Ended />);
}

function Ended() {
  const all = useComing(() => endings(mine()));
  if (all.value === undefined) return all.error === undefined ? <Wait /> : <Wrong error={all.error} again={all.again} />;
  return (
    <>
      <ul class="cards">{all.value.map((e, i) => <li key={i}><One of={e} /></li>)}</ul>
      <BackButton />
    </>
  );
}

// "read.act.*" "read.reply.state.*"
function One({ of }: { of: Ending }) {
  if (of.doubt !== undefined) return <><p><Short of={of.grant} /></p><Wrong error={of.doubt} /></>;
  return (
    <>
      <h2>{t("read.from")} <Short of={of.from} /></h2>
      <p>{t(`read.act.${of.act === "" ? "erase" : of.act}` as Key, { day: day(of.day) })}</p>
      <p class={owed(of) ? "notice" : "quiet"}>{t(`read.reply.state.${of.state}` as Key, { day: day(of.due - 1) })}</p>
      {of.reply && of.reply.reason !== "" && <p><Theirs>{of.reply.reason}</Theirs></p>}
      <Fetched of={of} />
      {of.notes !== undefined && <p>{t("read.note.ended", { count: of.notes })}</p>}
      {possible(of).length > 0 && <button type="button" class={owed(of) ? "main" : ""} onClick={() => void show(replying(of))}>{t("read.reply.title")}</button>}
    </>
  );
}

function Fetched({ of }: { of: Ending }) {
  if (of.fetched.length === 0) return <p>{t("read.fetched.none")}</p>;
  return (
    <>
      <p>{t("read.fetched")}</p>
      <ul>
        {of.fetched.map((f, i) => <li key={i}>{t("read.fetched.one", { n: f.n, day: day(f.opened), hour: hour(f.opened), size: size(f.bytes) })}</li>)}
      </ul>
    </>
  );
}

function replying(of: Ending) {
  return scene(t("read.reply.title"), () => <Reply of={of} />);
}

const answers = ["acknowledged", "kept", "destroyed"] as const; // an answer moves in this order only

/** possible are the answers that can still be given. */
function possible(e: Ending): readonly (typeof answers)[number][] {
  const given = answers.findIndex((one) => one === e.reply?.reply);
  return answers.slice(given + 1);
}

// "read.reply.say.*" "read.reply.why.*"
function Reply({ of }: { of: Ending }) {
  const [answer, choose] = useState<(typeof answers)[number] | undefined>(undefined);
  const [reason, give] = useState("");
  const { busy, error, run } = useDoing();
  const lacks = answer === undefined || (answer === "kept" && reason.trim() === "");
  const submit = (event: Event): void => {
    event.preventDefault();
    if (answer === undefined) return;
    run(async () => {
      await reply(mine(), of.grant, answer, answer === "kept" ? reason.trim() : "");
      back();
      await again();
    });
  };
  return (
    <form onSubmit={submit}>
      <p>{t("read.reply.do")}</p>
      <Fetched of={of} />
      {of.notes !== undefined && <p>{t("read.note.ended", { count: of.notes })}</p>}
      <fieldset>
        <legend>{t("read.reply.title")}</legend>
        {possible(of).map((one) => (
          <label class="pick" key={one}>
            <input type="radio" autocomplete="off" name="reply" checked={answer === one} onChange={() => choose(one)} />
            <span>{t(`read.reply.say.${one}` as Key)} <span class="quiet">{t(`read.reply.why.${one}` as Key)}</span></span>
          </label>
        ))}
      </fieldset>
      {answer === "kept" && (
        <>
          <label for="reason">{t("read.reply.reason")}</label>
          <textarea id="reason" autocomplete="off" rows={3} dir="auto" maxLength={500} value={reason} onInput={(event) => give(event.currentTarget.value)} />
        </>
      )}
      <Wrong error={error} />
      <div class="actions">
        <button type="submit" class="main" disabled={busy || lacks}>{t("read.reply.send")}</button>
        <BackButton />
      </div>
    </form>
  );
}
