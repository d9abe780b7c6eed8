// Speaking. The microphone is asked for when she presses the button, and let go when she
// stops. Where there is none, or it is refused, the phone's own recorder does it.

import { button, el, type Child } from "../ui/el.ts";
import { time } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { again, back, replace, show, type View } from "../ui/view.ts";
import { filesView } from "./files.ts";
import { keepSlice, saveAll } from "./keeper.ts";
import { keptWhere } from "./keeping.ts";
import { record, recorderHere, type Recording } from "./recorder.ts";
import { actions, doing, fault, onward, quiet } from "./step.ts";
import { newKey, told } from "./story.ts";
import { keepTake, takeView } from "./take.ts";

export function speakView(): View {
  let recording: Recording | undefined;
  let left = false;
  return {
    title: t("tell.speak.heading"),
    make: () => {
      left = false;
      return make((r) => {
        recording = r;
        return !left;
      });
    },
    leave: () => {
      left = true;
      void leave(recording);
      recording = undefined;
    },
  };
}

/** Started takes a recording over, and says whether anybody is still there to see that it runs. */
type Started = (r: Recording | undefined) => boolean;

function make(started: Started): Node[] {
  const place = el("div", { class: "recorder" });
  if (!recorderHere()) return [doing("tell.speak.do", "speak"), ...without(t("tell.speak.none"))];
  const begin = onward(t("tell.speak.begin"), () => {
    begin.disabled = true;
    void start(place, other, started);
  });
  const other = el("div", {}, actions(button(t("tell.speak.file"), () => void show(filesView())), button(t("tell.back"), back)));
  place.append(actions(begin));
  return [doing("tell.speak.do", "speak"), place, keptWhere(), quiet(t("tell.speak.disguise")), other];
}

/** Going back while it records keeps what was said: it is found under what she has. */
async function leave(recording: Recording | undefined): Promise<void> {
  if (recording) await keepTake({ key: told().recording?.key ?? newKey(), ...(await recording.stop()) });
}

function without(why: string, ...more: Child[]): Node[] {
  return [fault(why), el("p", {}, t("tell.speak.phone")), actions(onward(t("tell.speak.file"), () => void replace(filesView())), ...more, button(t("tell.back"), back))];
}

/** start takes the other ways from the screen: while she speaks there is one thing to do. */
async function start(place: HTMLElement, other: HTMLElement, started: Started): Promise<void> {
  const key = newKey();
  try {
    const show = meter();
    const recording = await record({ level: show.level, seconds: show.seconds, slice: (i, slice) => void keepSlice(key, i, slice) });
    if (!started(recording)) {
      // She had left, or the page had locked, while the browser still asked: no microphone runs unseen.
      started(undefined);
      await recording.stop();
      return;
    }
    told().recording = { key, type: recording.type };
    void saveAll();
    running(place, recording, key, show.node, started);
    other.replaceChildren(actions(button(t("tell.back"), back)));
  } catch {
    place.replaceChildren(...without(t("tell.speak.refused"), button(t("tell.tryagain"), () => void again())));
    other.replaceChildren();
  }
}

function meter() {
  const clock = el("p", { class: "clock", role: "timer" }, time(0));
  const bar = el("meter", { min: 0, max: 1, value: 0, class: "level", "aria-label": t("tell.speak.level") });
  return {
    node: el("div", {}, clock, bar),
    level: (value: number) => (bar.value = value),
    seconds: (s: number) => (clock.textContent = time(s)),
  };
}

function running(place: HTMLElement, recording: Recording, key: number, show: HTMLElement, started: Started): void {
  const stop = async () => {
    const { blob, seconds } = await recording.stop();
    started(undefined);
    await replace(takeView({ key, blob, seconds }));
  };
  const hold = button(t("tell.speak.pause"), () => {
    const paused = recording.toggle();
    hold.textContent = paused ? t("tell.speak.goon") : t("tell.speak.pause");
    state.textContent = paused ? t("tell.speak.paused") : t("tell.speak.running");
    say(state.textContent);
  });
  const state = el("p", { class: "state" }, t("tell.speak.running"));
  const list: Child[] = [state, show, actions(onward(t("tell.speak.stop"), () => void stop()), hold)];
  place.replaceChildren(...list.filter((c): c is Node => c instanceof Node));
  say(t("tell.speak.running"));
  hold.focus();
}
