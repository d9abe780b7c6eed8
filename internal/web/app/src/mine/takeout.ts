// Taking everything along: one file, locked as it is in the vault. Where the browser can, it is written to the disk as it comes, to a
// place that she chooses; elsewhere the browser puts it aside until it is whole. It is ciphertext in either case. A
// key for programs that open it without this vault is made only when she asks, after she has been told what it is.

import type { Bytes } from "../core/bytes.ts";
import type { Client } from "../core/client.ts";
import { folder, takeOut, type Sink, type TakenOut } from "../core/takeout.ts";
import type { Account } from "../ui/account.ts";
import { backward } from "../ui/backward.ts";
import { button, el } from "../ui/el.ts";
import { here } from "../ui/holder.ts";
import { stayAwake } from "../ui/lock.ts";
import { place } from "../ui/places.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import type { View } from "../ui/view.ts";
import { actions, Declined, deed } from "./page.ts";
import { save } from "./save.ts";

const name = `${folder}.tar`;

export function takeoutView(): View {
  let stop = new AbortController();
  const make = (): Node[] => {
    stop = new AbortController(); // Back may show this view again
    const room = el("div", {});
    return [
      el("p", {}, t("mine.takeout.what")),
      el("p", {}, t("mine.takeout.seen")),
      deed(t("mine.takeout.yes"), (c) => take(c, room, stop.signal), "main"),
      room,
      el("h2", {}, t("mine.takeout.key")),
      el("p", {}, t("mine.takeout.keyhow")),
      keyFile(),
      ...backward(),
    ];
  };
  return { title: t("mine.settings.takeout"), make, leave: () => stop.abort() };
}

async function take(c: Client, room: HTMLElement, signal: AbortSignal): Promise<void> {
  const file = await whither(); // first of all: a browser asks where only at the press of a button
  const bar = el("progress", { max: 1, value: 0, "aria-label": t("mine.takeout.going") });
  room.replaceChildren(bar);
  const rest = stayAwake();
  try {
    const out = await takeOut(c, await readme(), file.sink, { signal, watch: (done, of) => { bar.value = of === 0 ? 0 : done / of; } });
    signal.throwIfAborted();
    await file.end();
    room.replaceChildren(done(out));
    say(t("mine.takeout.done"));
  } catch (error) {
    room.replaceChildren();
    await file.drop();
    throw error;
  } finally {
    rest();
  }
}

function done({ testimonies, parts }: TakenOut): HTMLElement {
  return el("div", { class: "notice" },
    el("p", {}, t("mine.takeout.done")),
    el("p", { class: "quiet" }, t("mine.takeout.count", { testimonies, parts })),
    el("p", {}, t("mine.takeout.open")));
}

async function readme(): Promise<string> {
  const answer = await fetch(place("readme") ?? "");
  if (!answer.ok) throw new Error("readme");
  return answer.text();
}

/** A file that is being written. */
interface Writing {
  readonly sink: Sink;
  end(): Promise<void>;
  drop(): Promise<void>;
}

type Picker = (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;

// whither is where it goes: what was not written to its end is not there.
async function whither(): Promise<Writing> {
  const pick = (globalThis as { showSaveFilePicker?: Picker }).showSaveFilePicker;
  if (pick === undefined) return aside();
  let handle: FileSystemFileHandle;
  try {
    handle = await pick({ suggestedName: name });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw new Declined();
    return aside(); // a browser that has it and does not let us
  }
  const to = await handle.createWritable();
  return { sink: (bytes) => to.write(bytes), end: () => to.close(), drop: () => to.abort().catch(() => undefined) };
}

const piece = 4 << 20; // bytes in memory before a browser may put them aside

function aside(): Writing {
  let [whole, loose, held]: [Blob[], Bytes[], number] = [[], [], 0];
  const sink = (bytes: Bytes): Promise<void> => {
    loose.push(bytes);
    held += bytes.length;
    if (held > piece) [whole, loose, held] = [[...whole, new Blob(loose)], [], 0];
    return Promise.resolve();
  };
  const drop = (): Promise<void> => {
    [whole, loose, held] = [[], [], 0];
    return Promise.resolve();
  };
  const end = (): Promise<void> => {
    save(name, new Blob([...whole, ...loose], { type: "application/x-tar" }));
    return drop();
  };
  return { sink, end, drop };
}

// keyFile says first what such a file is.
function keyFile(): HTMLElement {
  const room = el("div", {});
  const first = button(t("mine.takeout.keymake"), () => {
    const yes = deed(t("mine.save.yes"), async () => {
      save("key.txt", new Blob([await account().keys.identityFile()]));
      room.replaceChildren(el("p", { role: "status" }, t("mine.save.done")));
    });
    const no = button(t("mine.no"), () => {
      room.replaceChildren();
      first.focus();
    });
    const said = el("p", { tabindex: -1 }, t("mine.takeout.keywarning"));
    room.replaceChildren(el("div", { class: "notice" }, said, actions(yes, no)));
    said.focus();
  });
  return el("div", {}, actions(first), room);
}

function account(): Account {
  const held = here() as Account | undefined;
  if (held === undefined) throw new Declined();
  return held;
}
