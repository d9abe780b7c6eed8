// Leaving at once: by the button on every page or by pressing Shift three times. The
// page is empty before anything else happens; then what the browser holds is wiped,
// and /exit makes the browser forget and shows a page that could be anybody's. The
// address is replaced, so that Back does not return.

const TIMES = 3;
const WITHIN = 1200; // milliseconds

export function leave(): void {
  document.documentElement.replaceChildren();
  const go = (): void => {
    location.replace("/exit");
  };
  setTimeout(go, 150); // storage that does not answer does not keep her here
  void wipe().then(go, go);
}

async function wipe(): Promise<void> {
  sessionStorage.clear();
  for (const db of await indexedDB.databases()) if (db.name) indexedDB.deleteDatabase(db.name);
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
  });
  // A page that the browser kept for Back would bring everything back with it.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.replace("/exit");
  });
}
