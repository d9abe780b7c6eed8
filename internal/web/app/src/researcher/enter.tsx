// Opening the account of words or digits. What is typed goes into the worker; the field is emptied as soon as it is there. Words
// without an account here are told from those of another kind of account, so that nobody looks for what was never there.
import { useState } from "preact/hooks";
import { enrolled } from "../core/enrol.ts";
import { Failure } from "../core/failure.ts";
import { enterKeys } from "../ui/account.ts";
import { hold } from "../ui/holder.ts";
import { t } from "../ui/texts.ts";
import { begin } from "../ui/view.ts";
import { home } from "./home.tsx";
import { BackButton, scene, useDoing, Wait, Wrong } from "./scene.tsx";

export function entering() {
  return scene(t("read.door.words"), () => <Enter />);
}

/** open gives false where what was typed are no words, and nothing was sent. */
async function open(typed: string): Promise<boolean> {
  const entered = await enterKeys(typed, false);
  if ("problem" in entered) return false;
  const account = entered.account();
  try {
    const role = await enrolled(account.client);
    if (role !== "researcher" && role !== "") throw new Failure("other-role");
  } catch (error) {
    entered.end();
    throw error;
  }
  hold(account);
  return true;
}

function Enter() {
  const [typed, type] = useState("");
  const [wrong, say] = useState(false);
  const { busy, error, run } = useDoing();
  const submit = (event: Event): void => {
    event.preventDefault();
    run(async () => {
      const right = await open(typed);
      say(!right);
      if (!right) return;
      type("");
      await begin(home());
    });
  };
  return (
    <form onSubmit={submit}>
      <p>{t("read.enter.do")}</p>
      <label for="words">{t("read.again.label")}</label>
      <textarea id="words" class="secret" rows={4} dir="auto" spellcheck={false} autocomplete="off" autocapitalize="none" value={typed}
        aria-describedby="wrong" onInput={(event) => type(event.currentTarget.value)} />
      <p id="wrong" class={wrong ? "fault" : "unseen"} role="alert">{wrong ? t("read.enter.wrong") : ""}</p>
      <Wrong error={error} />
      {busy && <Wait />}
      <div class="actions">
        <button type="submit" class="main" disabled={busy || typed.trim() === ""}>{t("read.enter.open")}</button>
        <BackButton />
      </div>
    </form>
  );
}
