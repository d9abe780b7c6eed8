// A recording that was just made, or found again after a crash: hear it, say it again,
// disguise the voice, keep it. The disguise is made on this device, from the recording,
// and its limits are said where it is chosen.

import { button, el } from "../ui/el.ts";
import { time } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { again, replace, type View } from "../ui/view.ts";
import { reviewView } from "./review.ts";
import { speakView } from "./speak.ts";
import { actions, choice, choices, doing, fault, quiet } from "./step.ts";
import { add, changed, newKey, told, type Part } from "./story.ts";
import { clean } from "./strip/clean.ts";
import type { Direction } from "./disguise.ts";

export interface Take {
  readonly key: number;
  readonly blob: Blob;
  readonly seconds: number | undefined;
}

interface State {
  readonly take: Take;
  blob: Blob; // as it would be kept
  disguised: boolean;
  keepVoice: boolean;
  src: string;
}

export function takeView(take: Take): View {
  const state: State = { take, blob: take.blob, disguised: false, keepVoice: false, src: "" };
  return { title: t("tell.take.heading"), make: () => make(state), leave: () => URL.revokeObjectURL(state.src) };
}

function make(state: State): Node[] {
  URL.revokeObjectURL(state.src);
  state.src = URL.createObjectURL(state.blob);
  const result = el("div");
  const redo = () => {
    told().recording = undefined;
    changed();
    void replace(speakView());
  };
  return [
    doing("tell.take.do", "speak"),
    el("audio", { controls: true, src: state.src, "aria-label": t("tell.take.listen") }),
    state.take.seconds === undefined ? "" : quiet(t("tell.take.length", { time: time(state.take.seconds) })),
    result,
    ...voice(state, result), // before it is kept: who is in danger must not find it too late
    choices(
      choice("keep", t("tell.take.keep"), () => void keep(state), "", "main"),
      choice("again", t("tell.take.redo"), redo, t("tell.take.redohint")),
    ),
  ].filter((n): n is HTMLElement => n instanceof HTMLElement);
}

function voice(state: State, result: HTMLElement): HTMLElement[] {
  const change = (to: Direction) => () => void disguise(state, to, result);
  const own = () => {
    Object.assign(state, { blob: state.take.blob, disguised: false });
    void again();
  };
  const box = el("input", { type: "checkbox", checked: state.keepVoice, onchange: () => (state.keepVoice = box.checked) });
  return [
    el("h2", {}, t("tell.disguise.heading")),
    el("p", {}, t("tell.disguise.limits")),
    actions(button(t("tell.disguise.lower"), change("lower")), button(t("tell.disguise.higher"), change("higher")), state.disguised && button(t("tell.disguise.own"), own)),
    ...(state.disguised ? [el("label", { class: "pick" }, box, t("tell.disguise.original"))] : []),
  ];
}

async function disguise(state: State, to: Direction, result: HTMLElement): Promise<void> {
  result.replaceChildren(quiet(t("tell.disguise.working")));
  say(t("tell.disguise.working"));
  try {
    const { disguised } = await import("./voice.ts");
    Object.assign(state, { blob: await disguised(state.take.blob, to), disguised: true });
    say(t("tell.disguise.done"));
    await again();
  } catch {
    result.replaceChildren(fault(t("tell.disguise.failed")));
  }
}

async function keep(state: State): Promise<void> {
  const original = state.disguised && state.keepVoice ? { original: await cleanVoice(state.take.blob) } : {};
  // A disguised recording gets a number of its own, so that the draft forgets the voice.
  await keepTake({ ...state.take, blob: state.blob, key: state.disguised ? newKey() : state.take.key }, { disguised: state.disguised, ...original });
  await replace(reviewView());
}

/** keepTake makes a recording a part, without what the recorder wrote into it. */
export async function keepTake(take: Take, more: Partial<Part> = {}): Promise<void> {
  const cleaned = await clean(take.blob);
  const blob = cleaned.state === "cleaned" ? cleaned.blob : take.blob;
  told().recording = undefined;
  add({ kind: "voice", type: blob.type, seconds: take.seconds, cleaned: cleaned.state === "cleaned", blob, ...more, key: take.key });
}

async function cleanVoice(blob: Blob): Promise<Blob> {
  const cleaned = await clean(blob);
  return cleaned.state === "cleaned" ? cleaned.blob : blob;
}
