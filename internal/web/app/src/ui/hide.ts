// Nothing is shown while nobody is meant to look: a page in the background is empty in
// the list of open programs and in any picture that the system takes of it.

export function watchHidden(): void {
  const set = (): void => {
    document.documentElement.toggleAttribute("data-hidden", document.visibilityState === "hidden");
  };
  document.addEventListener("visibilitychange", set);
  window.addEventListener("pagehide", () => {
    document.documentElement.setAttribute("data-hidden", "");
  });
  window.addEventListener("pageshow", set);
}
