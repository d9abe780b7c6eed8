// Her own parts in a browser: an upload that another device began, what the vault sealed when it came, sound in its frame.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { enrol } from "../../src/core/enrol.ts";
import { addPart } from "../../src/core/parts.ts";
import { spellDigits } from "../../src/core/phrase.ts";
import { createTestimony } from "../../src/core/testimonies.ts";
import { recorded, somebody, written } from "../somebody.ts";
import { inChromium } from "./chromium.ts";
import { cast, enters, type Cast, type Json } from "./minecast.ts";

let c: Cast;
before(async () => {
  c = await cast();
});
after(() => c.vault.stop());

test("what another device began to send goes on here, with the same file and no other", () => inChromium(async (visit) => {
  const she = somebody(c.vault);
  await enrol(she.c, "participant");
  const { testimony } = await createTestimony(she.c, { title: "Half", language: "ar", warnings: [], parts: [written("the first part")] });
  const recording = recorded(9 << 20, "recording.ogg");
  const stop = new AbortController();
  const watch = (arrived: number): void => {
    if (arrived > 0) stop.abort();
  };
  await assert.rejects(addPart(she.c, testimony, recording, { signal: stop.signal, watch }));

  const h = await enters(visit, c, "ar", spellDigits(she.secret));
  const choose = async (bytes: Uint8Array): Promise<void> => {
    await h.page.getByLabel(h.say("mine.unfinished.file"), { exact: true }).setInputFiles({ name: "recording.ogg", mimeType: "audio/ogg", buffer: Buffer.from(bytes) });
    await h.press("mine.unfinished.go");
  };
  const bytes = new Uint8Array(await recording.blob.arrayBuffer());
  await h.pressText(/Half/);
  await h.sees(h.say("mine.unfinished.heading", { n: 2 }));
  await choose(bytes.map((b) => b ^ 1));
  await h.sees(h.say("fault.other-file"));
  await choose(bytes);
  await h.page.getByRole("button", { name: new RegExp(`^${h.say("mine.part", { n: 2 })}`) }).waitFor({ timeout: 60_000 });
  assert.equal(await h.page.getByText(h.say("mine.unfinished.heading", { n: 2 })).count(), 0);
}));

test("what the vault sealed is looked at first, then hers, then shared", () => inChromium(async (visit) => {
  const file = join(c.vault.folder, "arrived.txt");
  writeFileSync(file, "sent from an old phone");
  const { testimony } = JSON.parse((await c.her.run("add", "new", file, "--title", "Arrived", "--on-arrival", "--json")).out) as { testimony: string };
  const h = await enters(visit, c, "en");
  await h.pressText(/Arrived/);
  await h.press("mine.give");
  await h.press("mine.give.choose", { name: "Dr. Leyla Haddad" });
  await h.heading("mine.give");
  assert.ok(await h.page.getByLabel(h.say("mine.part", { n: 1 }), { exact: true }).isDisabled());
  await h.back();
  await h.back();
  await h.pressText(/^Part .*1/);
  await h.heading("mine.part", { n: 1 });
  assert.equal(await h.page.getByRole("button", { name: h.say("mine.adopt"), exact: true }).count(), 0); // not before she has seen it
  await h.press("mine.open.part");
  await h.sees("sent from an old phone");
  await h.press("mine.adopt");
  await h.page.getByRole("button", { name: /^Part .*1/ }).waitFor();
  const parts = (await c.json("show", testimony))["details"] as Json[];
  assert.equal(String(parts[0]?.["adopted"]), "true");
}));

test("sound is heard in a frame that has no network", () => inChromium(async (visit) => {
  const file = join(c.vault.folder, "tone.wav");
  writeFileSync(file, tone());
  await c.her.run("add", "new", file, "--title", "Tone");
  const h = await enters(visit, c, "ar");
  await h.pressText(/Tone/);
  await h.pressText(new RegExp(`^${h.say("mine.part", { n: 1 })}`));
  await h.press("mine.open.part");
  const sound = h.page.frameLocator("iframe.stage").locator("audio");
  await sound.waitFor();
  await assert.doesNotReject(sound.evaluate((node) => new Promise<void>((resolve, reject) => {
    const media = node as unknown as { readyState: number; addEventListener(name: string, act: () => void): void };
    if (media.readyState > 0) resolve();
    media.addEventListener("loadedmetadata", () => resolve());
    media.addEventListener("error", () => reject(new Error("it does not play")));
  })));
}));

// A second of silence as a WAV file.
function tone(): Uint8Array {
  const [rate, header] = [8000, Buffer.alloc(44)];
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + rate, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write("data", 36);
  header.writeUInt32LE(rate, 40);
  return Buffer.concat([header, Buffer.alloc(rate, 128)]);
}
