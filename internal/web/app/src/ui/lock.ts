// A page that nobody touches locks itself: a warning that counts down first, then the
// account is closed and whoever shows something of it takes it away (holder.ts). Work is
// not lost by it: what she makes is kept sealed, in memory, by the room that makes it.
//
// Time is compared, not counted: a phone that slept locks when it wakes, before anything
// is shown. The warning is thirty seconds long and answered by a touch (WCAG 2.2.1).

import { button, el } from "./el.ts";
import { lock } from "./holder.ts";
import { say } from "./say.ts";
import { t } from "./texts.ts";

export interface Idle {
  readonly after: number; // seconds without a touch until the warning
  readonly warn: number; // seconds that the warning stands
  readonly now: () => number; // milliseconds
}

export const usual: Idle = { after: 300, warn: 30, now: Date.now };
export const shared: Idle = { ...usual, after: 90 };

let after = 0;

// idleAfter is how many seconds without a touch this page waits.
export function idleAfter(): number {
  return after;
}

// setIdleAfter changes it for as long as the page is open: nothing is kept.
export function setIdleAfter(seconds: number): void {
  after = seconds;
}

let awake = 0;

// stayAwake holds the lock off while something goes on without her hands, such as
// speaking. What it gives ends that; calling it twice does nothing more.
export function stayAwake(): () => void {
  let mine = 1;
  awake++;
  return () => {
    awake -= mine;
    mine = 0;
  };
}

const touches = ["pointerdown", "keydown", "input", "wheel", "touchstart"] as const;

// watchIdle begins to watch, for the life of the page.
export function watchIdle(idle: Idle): void {
  after = idle.after;
  let last = idle.now();
  let locked = false;
  const touch = (): void => {
    if (shown(last, idle) > 0 || locked) last = idle.now(); // past its end a touch comes too late
    locked = false;
  };
  for (const event of touches) document.addEventListener(event, touch, { capture: true, passive: true });
  const look = (): void => {
    if (awake > 0) last = idle.now();
    const left = shown(last, idle);
    if (locked || left > idle.warn) return warning(undefined, touch);
    if (left > 0) return warning(left, touch);
    locked = true;
    warning(undefined, touch);
    lock();
  };
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
}

// shown is how many seconds are left until the lock.
function shown(last: number, idle: Idle): number {
  return Math.ceil(after + idle.warn - (idle.now() - last) / 1000);
}

// warning shows, updates or takes away the countdown.
function warning(left: number | undefined, stay: () => void): void {
  const there = document.getElementById("idle");
  if (left === undefined) {
    there?.remove();
    return;
  }
  const text = t("idle.soon", { count: left });
  const line = there?.querySelector("p");
  if (line) line.textContent = text;
  else (document.querySelector("dialog[open]") ?? document.body).append(box(text, stay)); // what lies under a dialog cannot be touched
  if (left === 20 || left === 10) say(text); // not every second: it would talk over everything
}

function box(text: string, stay: () => void): HTMLElement {
  const here = button(t("idle.stay"), () => {
    stay();
    warning(undefined, stay);
  }, "main");
  const now = button(t("idle.now"), () => {
    warning(undefined, stay);
    lock();
  });
  return el("div", { id: "idle", class: "idle", role: "alertdialog", "aria-labelledby": "idle-heading" },
    el("h2", { id: "idle-heading" }, t("idle.heading")), el("p", {}, text), el("div", { class: "actions" }, here, now));
}
