// Going on with what was begun: a draft on this phone, or an upload that the vault holds a
// part of, begun on whatever device. Her words open both. A file is gone on with only if it
// is the very one: that is known before a byte is sent.

import type { Account } from "../ui/account.ts";
import { button, el } from "../ui/el.ts";
import { stayAwake } from "../ui/lock.ts";
import { size } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { trouble } from "../ui/trouble.ts";
import { unlock } from "../ui/unlock.ts";
import { again, begin, replace, show, type View } from "../ui/view.ts";
import { enrolled } from "../core/enrol.ts";
import { Failure, is } from "../core/failure.ts";
import { findUnfinished, unfinished, type Resumable, type Unfinished } from "../core/parts.ts";
import { listTestimonies, type Content } from "../core/testimonies.ts";
import { draftShelf, keepSlice, restore, saveAll, startKeeping, type Draft } from "./keeper.ts";
import { kindsView } from "./kinds.ts";
import { reviewView } from "./review.ts";
import { mediaType } from "./files.ts";
import { actions, choice, choices, doing, fault, filePicker, quiet } from "./step.ts";
import { take, told } from "./story.ts";
import { takeView } from "./take.ts";
import { clean } from "./strip/clean.ts";

/** carryOn asks for her words and shows what was begun. */
export async function carryOn(): Promise<View> {
  return unlock({ role: "participant", fresh: true, title: t("tell.carry.heading"), then: (account) => replace(begunView(account)) });
}

type Kept = Draft & { where: "memory" | "phone" };
type Upload = Unfinished & { title: string };

export function begunView(account: Account): View {
  return { title: t("tell.carry.heading"), make: () => make(account) };
}

async function make(account: Account): Promise<Node[]> {
  const draft = await draftOf(account);
  const uploads = await uploadsOf(account).catch((error: unknown) => error);
  const list = Array.isArray(uploads) ? (uploads as Upload[]) : [];
  const nothing = !draft && list.length === 0;
  return [
    doing("tell.carry.do", "again"),
    ...(draft ? [draftCard(account, draft)] : []),
    ...list.map((u) => uploadCard(account, u)),
    ...(nothing ? [el("p", {}, t("tell.carry.nothing"))] : []),
    ...(Array.isArray(uploads) ? [] : [fault(trouble(uploads))]),
    actions(button(t("tell.begin"), () => void begin(kindsView()))),
  ];
}

async function draftOf(account: Account): Promise<Kept | undefined> {
  const place = await draftShelf();
  const draft = place && (await restore(account, place.shelf));
  return draft && { ...draft, where: place.where };
}

async function uploadsOf(account: Account): Promise<Upload[]> {
  if ((await enrolled(account.client)) === "") return [];
  const [begun, { list }] = [await unfinished(account.client), await listTestimonies(account.client)];
  return begun.filter((u) => !u.relock).map((u) => ({ ...u, title: list.find((l) => l.testimony === u.testimony)?.card?.title ?? "" }));
}

function draftCard(account: Account, draft: Kept): HTMLElement {
  const open = () => void openDraft(account, draft);
  const count = draft.story.parts.length + (draft.slices ? 1 : 0) + (draft.story.writing.trim() === "" ? 0 : 1);
  const missing = draft.missing.map((name) => el("li", {}, el("bdi", { dir: "auto" }, name || t("tell.carry.unnamed"))));
  return el("section", { class: "card" },
    el("h2", {}, t("tell.carry.here")),
    choices(choice("phone", t("tell.carry.goon"), open, t("tell.carry.draft", { count }))),
    missing.length > 0 && el("p", {}, t("tell.carry.missing")), missing.length > 0 && el("ul", {}, ...missing),
  );
}

async function openDraft(account: Account, draft: Kept): Promise<void> {
  take(draft.story);
  await startKeeping(account, draft.where, true);
  if (draft.slices) await keepAgain(draft.key, draft.slices);
  await begin(kindsView());
  if (draft.slices) await show(takeView({ key: draft.key, blob: draft.slices, seconds: undefined }));
  else if (told().parts.length > 0) await show(reviewView());
}

/** keepAgain keeps a recording that broke off, until she has decided about it. */
async function keepAgain(key: number, slices: Blob): Promise<void> {
  told().recording = { key, type: slices.type };
  await keepSlice(key, 0, slices);
  await saveAll();
}

function uploadCard(account: Account, u: Upload): HTMLElement {
  const place = el("div");
  const input = filePicker(`again-${u.testimony}-${String(u.n)}`, t("tell.carry.choose"), false, ([file]) => void goOn(account, u, file, place));
  const share = u.length > 0 ? Math.floor((u.received / u.length) * 100) : 0;
  return el("section", { class: "card" },
    el("h2", {}, t("tell.carry.upload", { n: u.n }), " ", el("bdi", { dir: "auto" }, u.title)),
    el("p", {}, t("tell.carry.arrived", { share, size: size(u.length) }), u.info?.name ? " " : false, u.info?.name ? el("bdi", { dir: "auto" }, u.info.name) : false),
    u.doubt ? fault(trouble(u.doubt)) : input,
    place,
  );
}

async function goOn(account: Account, u: Upload, file: File | undefined, place: HTMLElement): Promise<void> {
  if (!file) return;
  place.replaceChildren(quiet(t("tell.carry.comparing")));
  try {
    const found = await same(account, u, file);
    await sendOn(found, place);
    await again();
  } catch (error) {
    place.replaceChildren(fault(trouble(error)));
  }
}

/** same finds the upload of this file, as it is or cleaned as it was cleaned then. */
async function same(account: Account, u: Upload, file: File): Promise<Resumable> {
  const cleaned = await clean(file);
  const blobs: Blob[] = cleaned.state === "cleaned" ? [cleaned.blob, file] : [file];
  const info = u.info ?? { media_type: mediaType(file.type), name: "", kind: "original" as const, derived_from: 0 };
  for (const blob of blobs) {
    const found = await upload(account, { info, blob }, u.testimony);
    if (found) return found;
  }
  throw new Failure("other-file");
}

async function upload(account: Account, content: Content, testimony: string): Promise<Resumable | undefined> {
  try {
    return await findUnfinished(account.client, content, testimony);
  } catch (error) {
    if (is(error, "other-file", "said-otherwise")) return undefined;
    throw error;
  }
}

async function sendOn(found: Resumable, place: HTMLElement): Promise<void> {
  const stop = new AbortController();
  const bar = el("progress", { max: 1, value: 0, "aria-label": t("tell.send.progress") });
  place.replaceChildren(bar, actions(button(t("tell.send.pause"), () => stop.abort())));
  const idle = stayAwake();
  await found.resume({ signal: stop.signal, watch: (arrived, of) => (bar.value = arrived / of) }).finally(idle);
}
