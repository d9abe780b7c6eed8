// A short text in Firefox as Tor Browser is set: private browsing always, blurred fingerprints, no microphone, no service worker,
// no WebAssembly.
import { after, before, test } from "node:test";
import { torLike } from "./firefox.ts";
import { tells } from "./firefox-telling.ts";
import { place, type Place } from "./telling.ts";

let here: Place;
before(async () => {
  here = await place();
});
after(() => here.stop());

test("a short text is sent from a profile like Tor Browser's", () => tells(here, { preferences: { ...torLike, "javascript.options.wasm": false } }, "قصير CANARY-a1f0"));
