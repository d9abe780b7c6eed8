// Large parts over a line that breaks, against the real server: nothing is sent twice, another device goes on with the same file,
// and another file, a foreign header or a lie about what has arrived is refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { codeOf } from "../../src/core/failure.ts";
import { enrol } from "../../src/core/enrol.ts";
import { abandon, addPart, findUnfinished, unfinished } from "../../src/core/parts.ts";
import { createTestimony, listTestimonies, newTestimony, openOwnPart } from "../../src/core/testimonies.ts";
import { newLine, type Line } from "../line.ts";
import { recorded, somebody, written, type Somebody } from "../somebody.ts";
import { tampering } from "../tampering.ts";
import { world, type World } from "../world.ts";

const size = 3_000_000;
let line: Line;
let w: World;
let her: Somebody;
let testimony: string;

before(async () => {
  line = await newLine();
  w = await world(line.settings);
  her = somebody(w);
  await enrol(her.c, "participant");
  ({ testimony } = await createTestimony(her.c, { title: "a recording", language: "en", warnings: [], parts: [] }));
});
after(async () => {
  await w.stop();
  await line.stop();
});

/** stopsAfter is a signal that ends when so much has arrived. */
function stopsAfter(bytes: number): { signal: AbortSignal; watch: (arrived: number) => void } {
  const controller = new AbortController();
  return { signal: controller.signal, watch: (arrived) => void (arrived >= bytes && controller.abort()) };
}

async function same(n: number, content: Blob, c = her.c): Promise<void> {
  const opened = await openOwnPart(c, testimony, n);
  assert.deepEqual(Buffer.from(await opened.content.arrayBuffer()), Buffer.from(await content.arrayBuffer()));
}

async function refused(what: Promise<unknown>): Promise<string> {
  return what.then(() => "done", codeOf);
}

test("a line that breaks five times costs no more than what was on it", async () => {
  for (const n of [300_000, 900_000, 1_500_000, 2_100_000, 2_700_000]) line.cut("up", n);
  const before = line.carried().up;
  const seen: number[] = [];
  const content = { ...recorded(size, "road.ogg"), label: "on the road" };
  const n = await addPart(her.c, testimony, content, { watch: (arrived, of) => void (seen.push(arrived), assert.ok(of > size)) });
  assert.equal(line.cuts(), 5);
  assert.ok(line.carried().up - before < size * 1.2, `${line.carried().up - before} bytes went up`);
  assert.ok(seen.every((arrived, i) => i === 0 || arrived >= (seen[i - 1] ?? 0)));
  line.cut("down", 1_000_000);
  line.cut("down", 2_000_000);
  await same(n, content.blob);
  assert.equal(line.cuts(), 7);
});

test("an upload that was stopped goes on from another device with her words and the same file", async () => {
  const content = recorded(size, "night.ogg", 2);
  assert.equal(await refused(addPart(her.c, testimony, content, stopsAfter(700_000))), "stopped");
  const elsewhere = her.anew();
  assert.equal((await listTestimonies(elsewhere)).list[0]?.unfinished, true);
  const [one] = await unfinished(elsewhere);
  assert.deepEqual([one?.info?.name, one?.size, one?.doubt], ["night.ogg", size, undefined]);
  assert.ok((one?.received ?? 0) >= 700_000 && (one?.until ?? 0) > Date.now() / 1000);

  assert.equal(await refused(findUnfinished(elsewhere, recorded(size, "night.ogg", 3))), "other-file");
  assert.equal(await findUnfinished(elsewhere, recorded(size, "another.ogg", 3)), undefined, "the same length says nothing yet");
  const before = line.carried().up;
  const found = await findUnfinished(elsewhere, recorded(size, "renamed.ogg", 2));
  assert.ok(found?.known);
  const n = await found.resume();
  assert.ok(line.carried().up - before < size - 600_000, "what had arrived was not sent again");
  await same(n, content.blob);
  assert.deepEqual(await unfinished(elsewhere), []);
});

test("an upload of which next to nothing is there begins again under its number", async () => {
  const content = recorded(size, "short.ogg", 4);
  line.cut("up", 20_000);
  const gone = her.anew({ pause: () => Promise.reject(new TypeError("the battery is empty")) });
  assert.equal(await refused(addPart(gone, testimony, content)), "fault");
  const [stub] = await unfinished(her.anew());
  assert.equal(stub?.info, undefined);
  const found = await findUnfinished(her.c, content);
  assert.equal(found?.known, false);
  assert.equal(await found?.resume(), stub?.n);
  await same(stub?.n ?? 0, content.blob);
});

test("an upload is given up, and then there is nothing to go on with", async () => {
  const content = recorded(size, "given-up.ogg", 5);
  assert.equal(await refused(addPart(her.c, testimony, content, stopsAfter(300_000))), "stopped");
  const [one] = await unfinished(her.c);
  await abandon(her.c, testimony, one?.n ?? 0);
  assert.deepEqual(await unfinished(her.c), []);
  assert.equal(await findUnfinished(her.c, content), undefined);
});

test("a vault that is down for a while is waited for", async () => {
  const c = her.anew({ pause: async () => {
    await w.restart();
  } });
  await listTestimonies(c);
  await w.kill();
  const { list } = await listTestimonies(c);
  assert.equal(list.length, 1);
});

test("a file that changes while it is sent is not stored", async () => {
  const bytes = new Uint8Array(await recorded(size, "", 6).blob.arrayBuffer());
  let reads = 0;
  const shifty = new Blob([bytes]);
  const slice = shifty.slice.bind(shifty);
  shifty.slice = (from, to, type) => {
    const piece = slice(from, to, type);
    return ++reads > 3 ? new Blob([new Uint8Array(piece.size)]) : piece;
  };
  assert.equal(await refused(addPart(her.c, testimony, { ...recorded(0, "shifty.ogg"), blob: shifty })), "file-changed");
  for (const one of await unfinished(her.c)) await abandon(her.c, testimony, one.n);
});

test("a foreign header, nonce or length in an unfinished upload is never gone on with", async () => {
  const content = recorded(size, "resumed.ogg", 7);
  assert.equal(await refused(addPart(her.c, testimony, content, stopsAfter(700_000))), "stopped");
  const stranger = somebody(w);
  await enrol(stranger.c, "participant");
  const [mine] = await unfinished(her.c);
  const swap = (change: (upload: Record<string, unknown>) => void) =>
    tampering(`/v1/testimonies/${testimony}`, (answer) => (answer["uploads"] as Record<string, unknown>[]).forEach(change));
  const header = Buffer.from("age-encryption.org/v1\n").toString("base64url");
  for (const change of [
    (u: Record<string, unknown>) => void (u["header"] = header),
    (u: Record<string, unknown>) => void (u["header_sha256"] = "A".repeat(43)),
    (u: Record<string, unknown>) => void (u["nonce"] = "A".repeat(22)),
    (u: Record<string, unknown>) => void (u["length"] = Number(u["length"]) + 1),
    (u: Record<string, unknown>) => void (u["received"] = Number(u["length"]) + 1),
  ]) {
    const c = her.anew({ fetch: swap(change) });
    assert.deepEqual((await unfinished(c)).map((u) => u.doubt?.code), ["upload-swapped"]);
    assert.equal(await findUnfinished(c, content), undefined);
  }
  const planted = her.anew({ fetch: swap((u) => void (u["n"] = 77)) });
  assert.deepEqual((await unfinished(planted)).map((u) => u.doubt?.code), ["planted"]);

  // Another upload than the one begun, at HEAD; more than there is; a digest of something else.
  for (const [name, value, code] of [["Upload-Length", "99999999", "upload"], ["Upload-Offset", "99999999", "upload"], ["Upload-Offset", "x", "nonsense"]] as const) {
    const found = await findUnfinished(her.anew({ fetch: tampering(/payload$/, () => undefined, { [name]: value }, "HEAD") }), content);
    assert.ok(found);
    assert.equal(await refused(found.resume()), code, name);
  }
  const found = await findUnfinished(her.c, content);
  assert.equal(await found?.resume(), mine?.n);
  const lying = her.anew({ fetch: tampering(/payload$/, () => undefined, { "Repr-Digest": `sha-256=:${"A".repeat(43)}=:` }) });
  assert.equal(await refused(addPart(lying, testimony, recorded(200_000, "lie.ogg", 8))), "stored");
});

test("sending again goes on with what was stored, whatever had become of the first try", async () => {
  const c = her.anew({ pause: () => Promise.reject(new TypeError("the page was closed")) });
  const parts = [written("a few words"), recorded(size, "again.ogg", 9), recorded(size, "then.ogg", 10)];
  const made = { testimony: newTestimony(c), title: "sent twice", language: "en", warnings: [], parts };
  const lost: typeof fetch = async (input, init) => {
    await fetch(input, init);
    throw new TypeError("the answer was lost");
  };
  const losing = her.anew({ fetch: (input, init) => (new URL(input as string).pathname === "/v1/testimonies" ? lost : fetch)(input, init),
    pause: () => Promise.reject(new TypeError("the page was closed")) });
  assert.equal(await refused(createTestimony(losing, made)), "fault");
  const second = await createTestimony(her.anew(), made, stopsAfter(700_000));
  assert.deepEqual([second.testimony, second.stored, second.failure?.code], [made.testimony, 1, "stopped"]);
  const before = line.carried().up;
  const third = await createTestimony(her.anew(), made);
  assert.deepEqual([third.stored, third.failure], [3, undefined]);
  assert.ok(line.carried().up - before < 2 * size - 500_000, "what had arrived was not sent again");
  const { list } = await listTestimonies(her.anew());
  assert.deepEqual(list.filter((l) => l.card?.title === "sent twice").map((l) => [l.parts, l.unfinished]), [[3, false]]);
});

test("what is small needs no upload", async () => {
  const c = her.anew();
  const before = line.carried().up;
  const n = await addPart(c, testimony, { ...written("a few words"), label: "short" });
  assert.ok(line.carried().up - before < 60_000);
  assert.equal(await (await openOwnPart(her.c, testimony, n)).content.text(), "a few words");
});

test("what is long goes to the browser as a Blob, which keeps no second copy of it in the page", async () => {
  const bodies: unknown[] = [];
  const watching: typeof fetch = (to, init) => {
    if (init?.method === "PATCH") bodies.push(init.body);
    return fetch(to, init);
  };
  const c = her.anew({ fetch: watching });
  const { testimony } = await createTestimony(c, { title: "", language: "en", warnings: [], parts: [written("x")] });
  const n = await addPart(c, testimony, recorded(900_000, "long.ogg", 9));
  assert.ok(bodies.length > 1 && bodies.every((body) => body instanceof Blob));
  assert.equal((await openOwnPart(c, testimony, n)).content.size, 900_000);
});
