// The making of a reader's key: words drawn in the worker, a sheet to print with words, vault and account, and all of the words
// typed again from that sheet. Only then are they used for anything. Nothing of it is stored; leaving before the end forgets it.
import { useEffect, useState } from "preact/hooks";
import { drawKeys, list, listsFor, type Opening } from "../ui/account.ts";
import { hold } from "../ui/holder.ts";
import { language } from "../ui/places.ts";
import { t } from "../ui/texts.ts";
import { replace, show } from "../ui/view.ts";
import { Fingerprint } from "./fingerprint.tsx";
import { applying } from "./apply.tsx";
import { BackButton, scene, useComing, useDoing, Wait, Wrong } from "./scene.tsx";

/** newKey begins. */
export function newKey() {
  return scene(t("read.new.title"), () => <Begin />);
}

function Begin() {
  const { busy, error, run } = useDoing();
  return (
    <>
      <p>{t("read.new.what")}</p>
      <p>{t("read.new.lost")}</p>
      <Wrong error={error} />
      <div class="actions">
        <button type="button" class="main" disabled={busy} onClick={() => run(async () => show(sheet(await drawKeys())))}>{t("read.new.make")}</button>
        <BackButton />
      </div>
    </>
  );
}

/** spelled gives the secret as this language writes it: words where there is a list, otherwise digits, which everybody can copy. */
async function spelled(of: Opening): Promise<string[]> {
  const tag = language();
  if (tag === "en" || tag === "fr") return of.keys.words(await list(tag));
  return (await of.keys.digits(tag === "uk" ? "latn" : "arab")).split(" ");
}

function sheet(of: Opening) {
  return scene(t("read.sheet.title"), () => <Sheet of={of} />);
}

function Sheet({ of }: { of: Opening }) {
  const words = useComing(() => spelled(of));
  if (words.value === undefined) return words.error === undefined ? <Wait /> : <Wrong error={words.error} again={words.again} />;
  return (
    <>
      <p>{t("read.sheet.do")}</p>
      <p class="quiet">{t("read.sheet.keep")}</p>
      <ol class="secret-sheet" translate={false}>{words.value.map((word, i) => <li key={i}><span>{word}</span></li>)}</ol>
      <h2>{t("read.vault")}</h2>
      <Fingerprint of={of.vault} />
      <h2>{t("read.account")}</h2>
      <Fingerprint of={of.keys.thumbprint} />
      <div class="actions">
        <button type="button" onClick={() => window.print()}>{t("read.sheet.print")}</button>
        <button type="button" class="main" onClick={() => void show(again(of))}>{t("read.sheet.next")}</button>
      </div>
    </>
  );
}

function again(of: Opening) {
  return scene(t("read.again.title"), () => <Again of={of} />);
}

function Again({ of }: { of: Opening }) {
  const [typed, type] = useState("");
  const [wrong, say] = useState(false);
  const { busy, error, run } = useDoing();
  useEffect(() => () => type(""), []);
  const compare = (event: Event): void => {
    event.preventDefault();
    run(async () => {
      const answer = await of.keys.same(typed, await listsFor(typed));
      const same = "same" in answer && answer.same;
      say(!same);
      if (same) await settle(of);
    });
  };
  return (
    <form onSubmit={compare}>
      <p>{t("read.again.do")}</p>
      <label for="words">{t("read.again.label")}</label>
      <textarea id="words" rows={4} dir="auto" spellcheck={false} autocomplete="off" autocapitalize="none" value={typed}
        aria-invalid={wrong} aria-describedby="wrong" onInput={(event) => type(event.currentTarget.value)} />
      <p id="wrong" class={wrong ? "fault" : "unseen"} role="alert">{wrong ? t("read.again.wrong") : ""}</p>
      <Wrong error={error} />
      <div class="actions">
        <button type="submit" class="main" disabled={busy}>{t("read.go")}</button>
        <BackButton />
      </div>
    </form>
  );
}

async function settle(of: Opening): Promise<void> {
  await of.keys.settle();
  hold(of.account());
  await replace(applying());
}
