// Leaving at once: by the button on every page or by pressing Shift three times. The
// page is empty before anything else happens; then what the browser holds is wiped,
// and /exit makes the browser forget and shows a page that could be anybody's.
//
// Back does not return. Views of a page are entries of the history, so the history is
// first wound back to the page's own entry, and that entry is replaced; the neutral page
// cuts off what lies ahead of it. Links of the site replace too (safe.ts), so there is no
// other entry. All tabs of the site leave together.

const TIMES = 3;
const WITHIN = 1200; // milliseconds
const WAIT = 150; // a browser that does not answer does not keep her here
const ALL = "leave";

export function leave(): void {
  const tell = new BroadcastChannel(ALL);
  tell.postMessage(ALL);
  tell.close();
  go();
}

function go(): void {
  if (document.documentElement.hasAttribute("data-left")) return;
  document.documentElement.setAttribute("data-left", "");
  document.body.remove();
  // Nothing asks whether she really wants to, and no view draws itself once more.
  for (const event of ["beforeunload", "popstate"]) {
    window.addEventListener(event, (e) => {
      e.stopImmediatePropagation();
    }, { capture: true });
  }
  const away = (): void => {
    location.replace("/exit");
  };
  const limit = setTimeout(away, WAIT);
  void Promise.all([wipe(), rewind()]).then(() => {
    clearTimeout(limit);
    away();
  }, away);
}

async function wipe(): Promise<void> {
  sessionStorage.clear();
  for (const db of await indexedDB.databases()) if (db.name) indexedDB.deleteDatabase(db.name);
}

// rewind goes back to the page's first entry; view.ts counts them.
function rewind(): Promise<void> {
  const { depth = 1, at = depth - 1 } = (history.state as { depth?: number; at?: number } | null) ?? {};
  if (at <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    window.addEventListener("popstate", () => {
      resolve();
    }, { capture: true, once: true });
    history.go(-at);
  });
}

export function watchExit(): void {
  document.getElementById("exit")?.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  const presses: number[] = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Shift") presses.length = 0;
    else if (!event.repeat) presses.push(event.timeStamp);
    if (presses.length > TIMES) presses.shift();
    const first = presses[0];
    if (presses.length === TIMES && first !== undefined && event.timeStamp - first <= WITHIN) leave();
  }, { capture: true });
  new BroadcastChannel(ALL).onmessage = go;
  // A page that was left and that the browser kept for Back all the same leaves again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && document.documentElement.hasAttribute("data-left")) location.replace("/exit");
  });
}
