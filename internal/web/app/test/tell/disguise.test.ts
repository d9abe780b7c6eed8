// The disguise moves a voice and keeps its length; it is not the same twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { disguise } from "../../src/tell/disguise.ts";
import { wave } from "../../src/tell/wave.ts";

const rate = 16_000;

/** A voice of sorts: a tone with overtones, two seconds long. */
function tone(hertz: number): Float32Array {
  return Float32Array.from({ length: 2 * rate }, (_, i) => [1, 2, 3].reduce((sum, k) => sum + (0.3 / k) * Math.sin((2 * Math.PI * hertz * k * i) / rate), 0));
}

/** pitch is the lag at which samples resemble themselves most. */
function pitch(samples: Float32Array): number {
  const [from, length] = [rate / 2, rate / 2];
  let best = 0;
  let most = -Infinity;
  for (let lag = 30; lag < 220; lag++) {
    let sum = 0;
    for (let i = from; i < from + length; i++) sum += (samples[i] ?? 0) * (samples[i + lag] ?? 0);
    if (sum > most) [most, best] = [sum, lag];
  }
  return rate / best;
}

function draws(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

test("a voice becomes lower or higher and stays as long", () => {
  const voice = tone(200);
  for (const [to, least, most] of [["lower", 140, 172], ["higher", 236, 270]] as const) {
    const changed = disguise(voice, rate, to, draws(7));
    assert.equal(changed.length, voice.length);
    const heard = pitch(changed);
    assert.ok(heard > least && heard < most, `${to}: ${String(heard)}`);
    assert.ok(changed.every((s) => Math.abs(s) <= 1));
  }
});

test("no one factor undoes it: how far it is moved wanders", () => {
  const [a, b] = [disguise(tone(200), rate, "lower", draws(1)), disguise(tone(200), rate, "lower", draws(2))];
  assert.notDeepEqual(a, b);
});

test("samples become a file that says how long it is", async () => {
  const bytes = Buffer.from(await wave(tone(200), rate).arrayBuffer());
  assert.equal(bytes.readUInt32LE(40), 4 * rate);
  assert.equal(bytes.length, 44 + 4 * rate);
});
