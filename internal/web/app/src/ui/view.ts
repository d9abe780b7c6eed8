// One page, many views: a view replaces the one before, and Back goes to it. The
// address never changes, so that history and a glance at the bar tell nothing, and
// what a view holds (keys, drafts) stays in memory and nowhere else.

import { el } from "./el.ts";

// A View makes its nodes each time it is shown. leave is called when it goes.
export interface View {
  title: string;
  make(): Node[] | Promise<Node[]>;
  leave?(): void;
}

const stack: View[] = [];
let shown: View | undefined;

// show goes on to a view.
export async function show(view: View): Promise<void> {
  stack.push(view);
  history.pushState({ depth: stack.length, at: entry() + 1 }, "");
  await draw(view);
}

// replace shows a view in the place of the present one, which Back skips from then on.
export async function replace(view: View): Promise<void> {
  stack.pop();
  stack.push(view);
  await draw(view);
}

// begin shows the first view and forgets whatever came before it.
export async function begin(view: View): Promise<void> {
  stack.length = 0;
  stack.push(view);
  history.replaceState({ depth: 1, at: entry() }, "");
  await draw(view);
}

// entry counts the entries of this page in the history, which stay when the views begin
// anew: leaving (exit.ts) winds back over all of them.
function entry(): number {
  return (history.state as { at?: number } | null)?.at ?? 0;
}

// back goes to the view before, if there is one.
export function back(): void {
  if (stack.length > 1) history.back();
}

// first says whether there is nothing to go back to.
export function first(): boolean {
  return stack.length < 2;
}

// again draws the present view anew, after what it shows has changed.
export async function again(): Promise<void> {
  if (shown) await draw(shown);
}

window.addEventListener("popstate", (event) => {
  const depth = (event.state as { depth?: number } | null)?.depth ?? 1;
  stack.length = Math.min(stack.length, Math.max(1, depth));
  const view = stack.at(-1);
  if (view) void draw(view);
});

async function draw(view: View): Promise<void> {
  shown?.leave?.();
  shown = view;
  const nodes = await view.make();
  if (shown !== view) return; // another view was asked for meanwhile
  const heading = el("h1", { tabindex: "-1" }, view.title);
  document.querySelector("main > h1")?.remove();
  document.getElementById("view")?.replaceChildren(heading, ...nodes);
  heading.focus(); // a screen reader goes on here
}
