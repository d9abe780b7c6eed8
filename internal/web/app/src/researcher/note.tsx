// A note about a part, beside what was opened: sealed on this device, for the reader alone. It says before anything is written that
// it ends when she takes the part back.
import { useState } from "preact/hooks";
import { notesOn, roomIn, setNote, type NoteKeys } from "../core/notes.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { account, mine } from "./account.ts";
import { useComing, useDoing, Wait, Wrong } from "./scene.tsx";

/** noteKeys are the keys of this page's account, which stay in the worker. */
export function noteKeys(): NoteKeys {
  const { keys, worker } = account();
  return { seal: (recipient, bytes) => worker.sealFor(recipient, bytes), open: (file) => keys.openOwn(file) };
}

export function NoteOn({ grant, n }: { grant: string; n: number }) {
  const before = useComing(async () => (await notesOn(mine(), noteKeys(), grant)).filter((one) => one.n === n));
  return (
    <section>
      <h2>{t("read.note")}</h2>
      <p class="quiet">{t("read.note.what")}</p>
      {before.value === undefined
        ? before.error === undefined ? <Wait /> : <Wrong error={before.error} again={before.again} />
        : <Write grant={grant} n={n} first={before.value[0]?.text ?? ""} doubt={before.value[0]?.doubt} />}
    </section>
  );
}

function Write({ grant, n, first, doubt }: { grant: string; n: number; first: string; doubt: unknown }) {
  const [kept, keep] = useState(first);
  const [text, write] = useState(first);
  const { busy, error, run } = useDoing();
  const submit = (event: Event): void => {
    event.preventDefault();
    run(async () => {
      const note = text.trim();
      await setNote(mine(), noteKeys(), grant, n, note);
      keep(note);
      write(note);
      say(t(note === "" ? "read.note.gone" : "read.note.kept"));
    });
  };
  return (
    <form onSubmit={submit}>
      <Wrong error={doubt} />
      <label for="note">{t("read.note.label")}</label>
      <textarea id="note" autocomplete="off" rows={5} dir="auto" value={text} aria-invalid={roomIn(text) < 0} onInput={(event) => write(event.currentTarget.value)} />
      {roomIn(text) < 0 && <p class="fault" role="alert">{t("read.note.long")}</p>}
      <Wrong error={error} />
      <p class="quiet" role="status">{text.trim() === kept ? (kept === "" ? "" : t("read.note.kept")) : t("read.note.changed")}</p>
      <div class="actions">
        <button type="submit" disabled={busy || roomIn(text) < 0 || text.trim() === kept}>{t("read.note.keep")}</button>
      </div>
    </form>
  );
}
