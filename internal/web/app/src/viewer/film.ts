import type { Show } from "./wire.ts";
export function film(_m: HTMLMediaElement, _o: Show, port: MessagePort): Promise<void> { port.postMessage("cannot"); return Promise.resolve(); }
