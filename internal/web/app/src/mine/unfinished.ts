// Uploads that were begun and are no part yet: gone on with from this phone or another,
// with her words and the same file, or given up.

import { abandon, findUnfinished, unfinished, type Unfinished } from "../core/parts.ts";
import type { Client } from "../core/client.ts";
import { Failure } from "../core/failure.ts";
import type { PartInfo } from "../core/sealer.ts";
import { el, theirs, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { day, size } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { again } from "../ui/view.ts";
import { deed } from "./page.ts";

export async function unfinishedNodes(c: Client, testimony: string): Promise<Child[]> {
  const all = await unfinished(c, testimony);
  return all.map((one) => el("section", { class: "notice" }, ...begun(one)));
}

function begun(one: Unfinished): Child[] {
  const giveUp = deed(t("mine.unfinished.drop"), async (c) => {
    await abandon(c, one.testimony, one.n);
    await again();
  });
  const heading = el("h3", {}, t("mine.unfinished.heading", { n: one.n }));
  if (one.doubt) return [heading, fault(one.doubt), giveUp];
  return [heading, ...progress(one), one.relock ? el("p", {}, t("mine.unfinished.relock")) : goOn(one), giveUp];
}

function progress(one: Unfinished): Child[] {
  const values = { received: size(one.received), length: size(one.length) };
  return [
    el("p", {}, one.info?.name ? el("span", {}, theirs(one.info.name), " · ") : false, t("mine.unfinished.arrived", values)),
    one.until > 0 && el("p", { class: "quiet" }, t("mine.unfinished.until", { day: day(one.until) })),
  ];
}

// goOn asks for the file, finds out whether it is the very same, and sends the rest. Of
// another file nothing is sent.
function goOn(one: Unfinished): HTMLElement {
  const room = el("div", { "aria-live": "polite" });
  const file = el("input", { type: "file", id: `file-${String(one.n)}` });
  const act = deed(t("mine.unfinished.go"), async (c) => {
    const chosen = file.files?.[0];
    if (!chosen) throw new Failure("other-file");
    await send(c, one, chosen, room);
    await again();
  }, "main");
  return el("div", {}, el("label", { for: file.id }, t("mine.unfinished.file")), file, act, room);
}

async function send(c: Client, one: Unfinished, file: File, room: HTMLElement): Promise<void> {
  const found = await findUnfinished(c, { info: one.info ?? infoOf(file), blob: file }, one.testimony);
  if (!found || found.n !== one.n) {
    found?.drop();
    throw new Failure("other-file");
  }
  const bar = el("progress", { max: one.length, value: one.received, "aria-label": t("mine.unfinished.sending") });
  room.replaceChildren(bar);
  try {
    await found.resume({ watch: (arrived) => { bar.value = arrived; } });
    say(t("mine.unfinished.done"));
  } finally {
    room.replaceChildren();
  }
}

function infoOf(file: File): PartInfo {
  return { media_type: file.type || "application/octet-stream", name: file.name, kind: "original", derived_from: 0 };
}
