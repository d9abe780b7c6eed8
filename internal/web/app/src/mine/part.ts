// One of her own parts: opened against what she signed, and shown on this page only.
// Nothing of it is written to this device unless she says so, after being told what
// that means.

import { adopt, openArrived } from "../core/parts.ts";
import { openOwnPart, type Opened, type PartDetail, type Shown } from "../core/testimonies.ts";
import { backward } from "../ui/backward.ts";
import { button, el, theirs } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { day, size } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { back, show, type View } from "../ui/view.ts";
import { actions, client, deed, place } from "./page.ts";
import { saveNodes } from "./save.ts";
import { about, partStates } from "./testimony.ts";

export function partView(shown: Shown, part: PartDetail): View {
  let stop = new AbortController();
  const room = el("div", {});
  const make = (): Node[] => {
    stop = new AbortController(); // Back may show this view again
    return [
      part.label === "" ? el("p", {}, about(part)) : el("p", {}, theirs(part.label), " · ", about(part)),
      ...partStates(part),
      ...bringer(part),
      part.doubt ? fault(part.doubt) : opening(shown, part, { room, signal: stop.signal }),
      room,
      ...(part.adopted && !part.doubt ? [sharing(shown, part)] : []),
      ...backward(),
    ];
  };
  return { title: t("mine.part", { n: part.n }), make, leave: () => { stop.abort(); room.replaceChildren(); } };
}

// bringer names who brought it, as stewards signed it, beside how it came (partStates).
function bringer({ brought }: PartDetail): Node[] {
  if (!brought) return [];
  const named = place(async (c) => [t("trays.by", { day: day(brought.day) }), " ", await (await import("./broughtwords.ts")).partnerName(c, brought.partner)]);
  return [named];
}

interface Around {
  room: HTMLElement;
  signal: AbortSignal;
}

function opening(shown: Shown, part: PartDetail, { room, signal }: Around): HTMLElement {
  const bar = el("progress", { max: part.length, value: 0, "aria-label": t("mine.opening") });
  return deed(t("mine.open.part"), async (c) => {
    const watch = (arrived: number): void => {
      bar.value = arrived;
    };
    room.replaceChildren(bar);
    const act = part.adopted ? openOwnPart : openArrived;
    const opened = await act(c, shown.testimony, part.n, { signal, watch }).catch((error: unknown) => {
      room.replaceChildren();
      throw error;
    });
    room.replaceChildren(...(await content(opened, signal)), ...(part.adopted ? [] : [adopting(shown, part)]));
  }, "main");
}

// content shows what was opened, and offers to keep a copy.
export async function content(opened: Opened, left: AbortSignal): Promise<Node[]> {
  const { info, content } = opened;
  const name = info.name === "" ? t("mine.nofilename") : info.name;
  const facts = el("p", { class: "quiet" }, theirs(name), " · ", size(content.size));
  const shown = info.media_type.startsWith("text/") ? await text(content) : await media(opened, left);
  return [facts, ...shown, saveNodes(t("mine.save.copy"), t("mine.save.warning"), () => [fileName(info.name), content])];
}

// A text is its letters, whatever is in it, in the direction that it has.
async function text(content: Blob): Promise<Node[]> {
  return [el("div", { class: "words", dir: "auto", tabindex: 0, role: "region", "aria-label": t("mine.words") }, await content.text())];
}

// Pictures, sound and films are shown in a frame that has no network and no way here.
async function media(opened: Opened, left: AbortSignal): Promise<Node[]> {
  const { mediaNodes } = await import("./media.ts");
  const { media_type: type, name } = opened.info;
  return mediaNodes({ type, content: opened.content, label: name === "" ? t("mine.nofilename") : name, cannot: t("mine.notshown") }, left);
}

function fileName(name: string): string {
  return name === "" ? "notes" : name;
}

function sharing(shown: Shown, part: PartDetail): HTMLElement {
  const takeBack = (): void => void import("./withdraw.ts").then((m) => show(m.withdrawView({ testimony: shown.testimony, part: part.n })));
  const give = (): void => void import("./give.ts").then((m) => show(m.chooseReader(shown.testimony)));
  const relock = (): void => void import("./relock.ts").then((m) => show(m.relockView(shown, part)));
  return actions(button(t("mine.give"), give), button(t("mine.takeback.part"), takeBack), button(t("mine.relock"), relock));
}

// adopting is offered when she has it before her: she says that what she sees is hers.
function adopting(shown: Shown, part: PartDetail): HTMLElement {
  const act = deed(t("mine.adopt"), async () => {
    await adopt(client(), shown.testimony, part.n);
    back();
  });
  return el("div", {}, el("p", {}, t("mine.adopt.why")), act);
}
