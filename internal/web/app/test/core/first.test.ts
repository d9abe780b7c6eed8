// The first thing somebody does, against the real server: an account, a text, and finding it again from her words alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { enrol, enrolled } from "../../src/core/enrol.ts";
import { head } from "../../src/core/history.ts";
import { createTestimony, listTestimonies, openOwnPart, showTestimony } from "../../src/core/testimonies.ts";
import { somebody, written } from "../somebody.ts";
import { world, type World } from "../world.ts";

let w: World;
before(async () => {
  w = await world();
});
after(() => w.stop());

test("a text is sealed, stored, listed and opened again on another device", async () => {
  const her = somebody(w);
  assert.equal(await enrolled(her.c), "");
  await enrol(her.c, "participant");
  await enrol(her.anew(), "participant"); // twice is once
  const made = await createTestimony(her.c, { title: "شهادتي", language: "ar", warnings: ["loss"], parts: [{ ...written("كان الصباح هادئا"), label: "أول" }] });
  assert.deepEqual([made.stored, made.failure], [1, undefined]);

  const elsewhere = her.anew();
  assert.equal(await enrolled(elsewhere), "participant");
  const { list, doubt } = await listTestimonies(elsewhere);
  assert.equal(doubt, undefined);
  assert.deepEqual(list.map((l) => [l.testimony, l.card?.title, l.parts, l.unfinished]), [[made.testimony, "شهادتي", 1, false]]);
  const shown = await showTestimony(elsewhere, made.testimony);
  assert.deepEqual(shown.details.map((d) => [d.n, d.label, d.adopted, d.doubt]), [[1, "أول", true, undefined]]);
  const opened = await openOwnPart(elsewhere, made.testimony, 1);
  assert.equal(await opened.content.text(), "كان الصباح هادئا");
  assert.equal((await head(elsewhere)).seq, 3);
});
