// Adding files: pictures, recordings, papers. What devices wrote into them is taken out
// before they become a part, and she is told what it was. A kind of file that cannot be
// cleaned is never sent as if it were clean: she decides.

import { vaultInfo } from "../core/vault.ts";
import { el } from "../ui/el.ts";
import { here } from "../ui/holder.ts";
import { size } from "../ui/numbers.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { again, back, replace, type View } from "../ui/view.ts";
import { foundList } from "./foundlist.ts";
import { reviewView } from "./review.ts";
import { add } from "./story.ts";
import { actions, doing, fault, filePicker, onward, quiet } from "./step.ts";
import type { Cleaned } from "./strip/clean.ts";

/** What the vault takes; its word may be smaller. */
const limits = { payload: 8 * 2 ** 30 };

interface Chosen {
  readonly file: File;
  cleaned?: Cleaned;
  original: boolean; // keep it too
  asIs: boolean; // she said so
}

export function filesView(): View {
  const chosen: Chosen[] = [];
  return {
    title: t("tell.files.heading"),
    make: async () => {
      await askLimits();
      return make(chosen);
    },
  };
}

/** askLimits takes the vault's own limit where an account is open and a line is there. */
async function askLimits(): Promise<void> {
  const client = here()?.client;
  const said = client && (await vaultInfo(client).catch(() => undefined));
  if (said) limits.payload = Math.min(limits.payload, said.limits.payload);
}

function make(chosen: Chosen[]): Node[] {
  const ready = chosen.length > 0 && chosen.every(settled);
  return [
    doing("tell.files.do", "files"),
    picker(chosen),
    quiet(t("tell.files.limit", { size: size(limits.payload) })),
    el("ul", { class: "parts" }, ...chosen.map((c) => el("li", {}, ...card(c, chosen)))),
    actions(ready && onward(t("tell.files.done", { count: chosen.length }), () => keep(chosen)), el("button", { type: "button", onclick: back }, t("tell.back"))),
  ];
}

function picker(chosen: Chosen[]): HTMLElement {
  return filePicker("files", t("tell.files.label"), true, (files) => void take(files, chosen));
}

async function take(files: File[], chosen: Chosen[]): Promise<void> {
  const fresh = files.map((file) => ({ file, original: false, asIs: false }));
  chosen.push(...fresh);
  await again();
  const { clean } = await import("./strip/clean.ts");
  for (const one of fresh as Chosen[]) if (fits(one)) one.cleaned = await clean(one.file);
  say(t("tell.files.looked"));
  await again();
}

const fits = (c: Chosen) => c.file.size > 0 && c.file.size < limits.payload;
const settled = (c: Chosen) => c.cleaned !== undefined && (c.cleaned.state === "cleaned" || c.asIs);

function card(c: Chosen, chosen: Chosen[]): Node[] {
  const leave = () => {
    chosen.splice(chosen.indexOf(c), 1);
    void again();
  };
  return [
    el("h2", {}, el("bdi", { dir: "auto" }, c.file.name), " ", el("span", { class: "quiet" }, size(c.file.size))),
    ...state(c),
    el("button", { type: "button", onclick: leave }, t("tell.files.leave")),
  ];
}

function state(c: Chosen): Node[] {
  if (c.file.size === 0) return [fault(t("tell.files.empty"))];
  if (!fits(c)) return [fault(t("tell.files.large", { size: size(limits.payload) }))];
  if (!c.cleaned) return [quiet(t("tell.files.looking"))];
  return c.cleaned.state === "cleaned" ? whenClean(c, c.cleaned.found) : whenNot(c, c.cleaned.state);
}

function whenClean(c: Chosen, found: Parameters<typeof foundList>[0]): Node[] {
  if (found.length === 0) return [el("p", {}, t("tell.files.nothing"))];
  const box = el("input", { type: "checkbox", checked: c.original });
  box.addEventListener("change", () => (c.original = box.checked));
  return [foundList(found), el("label", { class: "pick" }, box, t("tell.files.original"))];
}

function whenNot(c: Chosen, why: "unknown" | "broken" | "inside"): Node[] {
  const words = { unknown: t("tell.files.unknown"), broken: t("tell.files.broken"), inside: t("tell.files.inside") };
  const decide = () => {
    c.asIs = !c.asIs;
    void again();
  };
  const label = c.asIs ? t("tell.files.asisyes") : t("tell.files.asis");
  return [el("p", { class: "notice" }, words[why]), actions(el("button", { type: "button", "aria-pressed": String(c.asIs), onclick: decide }, label))];
}

function keep(chosen: Chosen[]): void {
  for (const c of chosen) {
    const type = mediaType(c.file.type);
    if (c.cleaned?.state !== "cleaned") add({ kind: "file", type, name: fileName(c.file.name), blob: c.file });
    else add({ kind: "file", type, blob: c.cleaned.blob, cleaned: true, found: c.cleaned.found, ...(c.original ? { original: c.file, name: fileName(c.file.name) } : {}) });
  }
  void replace(reviewView());
}

/** fileName is a name as a part may carry it: not a path, not too long. */
export function fileName(name: string): string {
  const plain = name.replace(/[/\\\p{Cc}\u2028\u2029\p{Surrogate}]/gu, "_");
  const short = [...plain].slice(-60).join("");
  return short === "." || short === ".." ? "" : short;
}

export function mediaType(type: string): string {
  return /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/i.test(type) && type.length < 100 ? type : "application/octet-stream";
}

