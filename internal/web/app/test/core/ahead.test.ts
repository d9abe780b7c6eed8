// What an enrolment needs is asked for while she writes: then opening an account is one request, and the first act another.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enrol, enrolled, prepare } from "../../src/core/enrol.ts";
import { createTestimony, newTestimony } from "../../src/core/create.ts";
import { somebody, written } from "../somebody.ts";
import { world, type World } from "../world.ts";

let w: World;
before(async () => {
  w = await world();
});
after(() => w.stop());

/** watched is somebody whose requests are listed; while dead says so, none comes through. */
function watched(dead: () => boolean = () => false) {
  const asked: string[] = [];
  const watching: typeof fetch = (to, init) => {
    asked.push(`${init?.method ?? "GET"} ${new URL(to instanceof Request ? to.url : to).pathname}`);
    return dead() ? Promise.reject(new TypeError("no line")) : fetch(to, init);
  };
  return { asked, ...somebody(w, undefined, { fetch: watching, pause: () => Promise.resolve() }) };
}

const first = { title: "", language: "en", warnings: [], parts: [written("a morning")] };

test("after preparation an account and a first testimony are two requests", async () => {
  const her = watched();
  const { c, asked } = her;
  await prepare(c);
  assert.ok(asked.includes("GET /v1/roster") && !asked.includes("POST /v1/accounts"), asked.join());
  asked.length = 0;
  await enrol(c, "participant");
  await createTestimony(c, { ...first, testimony: newTestimony(c) });
  assert.deepEqual(asked, ["POST /v1/accounts", "POST /v1/testimonies"]);
  assert.equal(await enrolled(her.anew()), "participant");
});

test("a preparation that failed, or that was for keys with an account, changes nothing", async () => {
  let dead = true;
  const her = watched(() => dead);
  const { c } = her;
  await prepare(c);
  dead = false;
  await enrol(c, "participant");
  const again = her.anew();
  await prepare(again);
  await enrol(again, "participant");
  assert.equal((await createTestimony(again, first)).stored, 1);
});

test("who stops while the work goes on is not held up by it", async () => {
  const { c } = watched();
  const stop = new AbortController();
  const never = () => new Promise<string>(() => undefined);
  const opening = enrol(c, "participant", "", { signal: stop.signal, solve: never });
  stop.abort();
  await assert.rejects(opening, { code: "stopped" });
  await enrol(c, "participant");
});
