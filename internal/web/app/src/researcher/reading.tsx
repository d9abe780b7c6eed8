// What was opened: a text as its letters, a picture or a recording in the frame without network, and the promises beside it all the
// time. A picture is covered until one wants to see it; nothing plays by itself. Leaving the screen ends the opening here.
import { useEffect, useState } from "preact/hooks";
import { size } from "../ui/numbers.ts";
import { t, type Key } from "../ui/texts.ts";
import { show } from "../ui/view.ts";
import { hearing } from "./heard.tsx";
import { HowItCame } from "./came.tsx";
import { Keep } from "./keep.tsx";
import { NoteOn } from "./note.tsx";
import { Promises } from "./promises.tsx";
import { wholeAtMost, whole, type Arrived } from "./receive.ts";
import { BackButton, scene, Theirs, useDoing, Wait, Wrong } from "./scene.tsx";
import { Stage } from "./stage.tsx";
import { mine } from "./account.ts";
import { Words } from "./words.tsx";

export function reading(got: Arrived) {
  return scene(t("read.part", { n: got.n }), () => <Reading first={got} />);
}

function Reading({ first }: { first: Arrived }) {
  const [got, set] = useState(first);
  const [error, fail] = useState<unknown>(undefined);
  useEffect(() => () => got.playing?.stop(), [got]);
  return (
    <div class="reading">
      <div class="told">
        <Labels of={got} />
        <HowItCame of={got.received} n={got.n} />
        {error === undefined ? <Shown of={got} fail={fail} whole={set} /> : <Wrong error={error} />}
        {got.received.terms.access === "download" && error === undefined && <Keep of={got} />}
        <NoteOn grant={got.received.grant} n={got.n} />
        <div class="actions">
          <button type="button" onClick={() => void show(hearing(got.received))}>{t("read.heard")}</button>
          <BackButton />
        </div>
      </div>
      <div class="beside"><Promises terms={got.received.terms} /></div>
    </div>
  );
}

// "read.kind.*"
function Labels({ of }: { of: Arrived }) {
  const { info } = of;
  const kind = t(`read.kind.${info.kind}` as Key);
  return (
    <p class="quiet">
      {info.derived_from > 0 ? t("read.kind.of", { kind, n: info.derived_from }) : kind} · {t(`read.form.${of.kind}` as Key)} · {size(of.size)}
      {info.name !== "" && <> · <Theirs>{info.name}</Theirs></>}
    </p>
  );
}

// "read.form.*" "read.cannot.*"
function Shown({ of, fail, whole: set }: { of: Arrived; fail: (error: unknown) => void; whole: (got: Arrived) => void }) {
  const [uncovered, uncover] = useState(of.kind !== "picture");
  if (of.kind === "other") return <p class="notice">{t("read.cannot.kind")}</p>;
  if (of.kind === "text") return of.content ? <Words of={of.content} /> : <p class="notice">{t("read.cannot.large", { most: size(wholeAtMost) })}</p>;
  if (of.content === undefined && of.playing === undefined) return <p class="notice">{t("read.cannot.large", { most: size(wholeAtMost) })}</p>;
  if (!uncovered) return <div class="actions"><button type="button" class="main" onClick={() => uncover(true)}>{t("read.uncover")}</button></div>;
  return <Framed key={of.content ? "whole" : "pieces"} of={of} fail={fail} whole={set} />;
}

/** Framed is the frame, and what can be done where the browser does not play what it got. */
function Framed({ of, fail, whole: set }: { of: Arrived; fail: (error: unknown) => void; whole: (got: Arrived) => void }) {
  const [cannot, say] = useState(false);
  const { playing } = of;
  const form = of.kind === "picture" || of.kind === "film" ? of.kind : "sound";
  if (cannot && of.content === undefined) return <Whole of={of} set={set} />;
  if (cannot) return <p class="notice">{t("read.cannot.play")}</p>;
  return (
    <>
      {playing && <p class="quiet">{t("read.pieces")}</p>}
      <Stage form={form} type={of.info.media_type} label={t(`read.form.${of.kind}` as Key)} size={of.size} fail={fail} cannot={() => say(true)}
        {...(of.content ? { content: of.content } : {})} {...(playing ? { read: (from: number, to: number) => playing.read(from, to) } : {})} />
    </>
  );
}

/** Whole fetches all of a recording whose kind cannot be played by stretches, as far as it fits. */
function Whole({ of, set }: { of: Arrived; set: (got: Arrived) => void }) {
  const [came, tell] = useState(0);
  const { busy, error, run } = useDoing();
  if (of.size > wholeAtMost) return <p class="notice">{t("read.cannot.large", { most: size(wholeAtMost) })}</p>;
  return (
    <>
      <p class="notice">{t("read.whole.do")}</p>
      <Wrong error={error} />
      {busy && <Wait text={t("read.coming", { got: size(came), all: size(of.size) })} />}
      <button type="button" class="main" disabled={busy} onClick={() => run(async () => set(await whole(mine(), of.received.grant, of.n, tell)))}>{t("read.whole", { size: size(of.size) })}</button>
    </>
  );
}
