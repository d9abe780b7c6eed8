// Whether she said that others use this phone. The answer goes along from page to page in
// the name of the window, which is in memory, belongs to this tab, and ends with it; no
// storage and no address has it. In this mode a page locks itself sooner and never offers
// to save anything on the phone.

const YES = "1"; // says nothing to whoever finds it

export function sharedPhone(): boolean {
  return window.name === YES;
}

export function setSharedPhone(yes: boolean): void {
  window.name = yes ? YES : "";
}
