// The screen while it is locked and sent. A line that drops is normal and said so; she may
// pause for a minute or for days, and go on from another phone with her words.

import type { Account } from "../ui/account.ts";
import { button, el } from "../ui/el.ts";
import { here } from "../ui/holder.ts";
import { stayAwake } from "../ui/lock.ts";
import { number } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { trouble } from "../ui/trouble.ts";
import { again, begin, type View } from "../ui/view.ts";
import { is } from "../core/failure.ts";
import { saveAll } from "./keeper.ts";
import { keepingNow } from "./keeping.ts";
import { send, type Progress } from "./send.ts";
import { sentView } from "./sent.ts";
import { actions, doing, fault, onward, quiet } from "./step.ts";
import { told } from "./story.ts";

interface State {
  now: "ready" | "going" | "paused" | "failed";
  stop: AbortController;
  failed: unknown;
  invitation: string;
  shown: boolean;
  running: Promise<void>; // what is under way ends before the next begins
}

export function sendingView(): View {
  const state: State = { now: "ready", stop: new AbortController(), failed: undefined, invitation: "", shown: true, running: Promise.resolve() };
  return { title: t("tell.send.heading"), make: () => make(state), leave: () => leave(state) };
}

/** leave stops it when she goes back; drawing the same view anew does not. */
function leave(state: State): void {
  state.shown = false;
  state.stop.abort();
}

function make(state: State): Node[] {
  state.shown = true;
  const ask = doing("tell.send.do", "send");
  switch (state.now) {
    case "ready":
      return [ask, el("p", {}, t("tell.send.ready", { count: told().parts.length })), actions(onward(t("tell.send.begin"), () => go(state)))];
    case "going":
      return [ask, ...progress(state), quiet(later())];
    case "paused":
      return [ask, el("p", { role: "status" }, t("tell.send.paused")), actions(onward(t("tell.send.goon"), () => go(state))), quiet(later())];
    case "failed":
      return is(state.failed, "by-invitation") ? invitation(state) : [ask, fault(trouble(state.failed)), actions(onward(t("tell.tryagain"), () => go(state))), quiet(later())];
  }
}

function later(): string {
  return keepingNow() === "phone" ? t("tell.send.laterphone") : t("tell.send.later");
}

function go(state: State): void {
  state.now = "going";
  void again();
}

/** progress shows how far it is; drawing it is what sets it going. */
function progress(state: State): Node[] {
  const stop = (state.stop = new AbortController());
  const words = el("p", { class: "state", role: "status" }, t("tell.send.locking"));
  const bar = el("progress", { max: 1, value: 0, "aria-label": t("tell.send.progress") });
  const watch = (p: Progress) => {
    bar.value = p.share;
    const text = phase(p);
    if (words.textContent !== text) words.textContent = text;
  };
  const gone = () => {
    if (!navigator.onLine) words.textContent = t("tell.send.waiting"); // core tries a while before it says so
  };
  window.addEventListener("offline", gone, { signal: stop.signal });
  gone();
  state.running = state.running.then(() => (stop.signal.aborted ? undefined : run(state, stop, watch)));
  return [words, bar, actions(button(t("tell.send.pause"), () => pause(state, stop)))];
}

/** pause answers at once, also while a request waits for a line that is gone. */
function pause(state: State, stop: AbortController): void {
  stop.abort();
  state.now = "paused";
  say(t("tell.send.paused"));
  void again();
}

function phase(p: Progress): string {
  const share = number(Math.floor(p.share * 10) * 10);
  switch (p.phase) {
    case "opening":
      return t("tell.send.opening");
    case "waiting":
      return t("tell.send.waiting");
    case "sending":
      return t("tell.send.sending", { share });
  }
}

async function run(state: State, stop: AbortController, watch: (p: Progress) => void): Promise<void> {
  const account = here() as Account | undefined;
  const awake = whileItMoves();
  try {
    if (!account) throw new Error("no account is open");
    await saveAll();
    await send(account.client, told(), { signal: stop.signal, invitation: state.invitation, watch: (p) => {
      awake.tell(p);
      watch(p);
    } });
    state.now = "ready";
    await begin(sentView());
  } catch (error) {
    if (stop.signal.aborted) {
      if (state.stop === stop && state.now === "going") state.now = "paused"; // she has left this view, and may come back
      return;
    }
    state.failed = error;
    state.now = "failed";
    say(trouble(error));
    if (state.shown) await again();
  } finally {
    awake.end();
  }
}

/** whileItMoves holds the lock off: a long upload needs no hands. A line that is gone does not: who has the phone could keep it
 *  open by cutting the line. Nothing is lost by the lock; her words go on with it. */
function whileItMoves() {
  let rest: (() => void) | undefined = stayAwake();
  const end = () => {
    rest?.();
    rest = undefined;
  };
  const tell = ({ phase: now }: Progress) => {
    if (now === "waiting") end();
    else rest ??= stayAwake();
  };
  return { tell, end };
}

function invitation(state: State): Node[] {
  const input = el("input", { id: "invitation", dir: "ltr", spellcheck: "false", autocomplete: "off", autocapitalize: "none" });
  const form = el("form", {}, el("label", { for: "invitation" }, t("tell.send.invitation")), input, actions(el("button", { type: "submit", class: "main" }, t("tell.next"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    state.invitation = input.value.trim();
    go(state);
  });
  return [el("p", {}, trouble(state.failed)), form];
}
