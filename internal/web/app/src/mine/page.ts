// The frame of every view of her vault: the heading at once, what it shows when it has
// come and has been verified, and a failure in its place with a way to try again.
// Nothing is shown before core has held it against her own statements.

import { Failure } from "../core/failure.ts";
import type { Client } from "../core/client.ts";
import { backward } from "../ui/backward.ts";
import { button, el, type Child } from "../ui/el.ts";
import { fault } from "../ui/fault.ts";
import { here } from "../ui/holder.ts";
import { t } from "../ui/texts.ts";
import { again, type View } from "../ui/view.ts";

// client is her open account. It is asked for at each act, because the idle lock may
// have closed it since the view was made.
export function client(): Client {
  const account = here();
  if (!account) throw new Failure("no-keys");
  return account.client;
}

// page is a view whose content is fetched each time it is shown. A question has its own
// answer that leads back.
export function page(title: string, build: (c: Client) => Promise<Child[]>, kind: "page" | "question" = "page"): View {
  return { title, make: () => [place(build), ...(kind === "page" ? backward() : [])] };
}

// place is room for something that is still coming.
export function place(build: (c: Client) => Promise<Child[]>): HTMLElement {
  const room = el("div", {});
  void fill(room, build);
  return room;
}

async function fill(room: HTMLElement, build: (c: Client) => Promise<Child[]>): Promise<void> {
  room.setAttribute("aria-busy", "true");
  room.replaceChildren(el("p", { class: "quiet" }, t("mine.moment")));
  try {
    room.replaceChildren(...nodes(await build(client())));
  } catch (error) {
    room.replaceChildren(fault(error), actions(button(t("mine.again"), () => void fill(room, build))));
  } finally {
    room.removeAttribute("aria-busy");
  }
}

export function nodes(children: Child[]): (Node | string)[] {
  return children.filter((c): c is Node | string => c !== undefined && c !== false);
}

export function actions(...children: Child[]): HTMLElement {
  return el("div", { class: "actions" }, ...children);
}

// Declined is no failure: she said no, or not now.
export class Declined extends Error {}

// deed is a button that does something with the vault: while it runs it can not be
// pressed again, and what went wrong stands beside it.
export function deed(label: string, act: (c: Client) => Promise<unknown>, kind = ""): HTMLElement {
  const said = el("div", { "aria-live": "polite" });
  const pressed = button(label, () => void go(), kind);
  let running = false;
  const go = async (): Promise<void> => {
    if (running) return;
    running = true;
    pressed.setAttribute("aria-disabled", "true"); // not disabled: the focus stays on it
    pressed.textContent = t("mine.moment");
    said.replaceChildren();
    try {
      await act(client());
    } catch (error) {
      if (!(error instanceof Declined)) said.replaceChildren(fault(error));
    }
    running = false;
    pressed.removeAttribute("aria-disabled");
    pressed.textContent = label;
  };
  return el("div", { class: "deed" }, pressed, said);
}

// mark remembers the view that is shown, and gives the way back to it.
export function mark(): () => void {
  const depth = depthNow();
  return () => {
    const steps = depthNow() - depth;
    if (steps > 0) history.go(-steps);
    else void again();
  };
}

function depthNow(): number {
  return (history.state as { depth?: number } | null)?.depth ?? 1;
}
