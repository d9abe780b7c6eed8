// The same at Tor Browser's level "safer": scripts run without a just-in-time compiler, fifty times slower where they compute.
import { after, before, test } from "node:test";
import { torLikeSafer } from "./firefox.ts";
import { tells } from "./firefox-telling.ts";
import { place, type Place } from "./telling.ts";

let here: Place;
before(async () => {
  here = await place();
});
after(() => here.stop());

test("a short text is sent from a profile like Tor Browser's without its compilers", () => tells(here, { preferences: torLikeSafer }, "قصير CANARY-c77e"));
