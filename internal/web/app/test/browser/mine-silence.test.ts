// What she is told when a steward has stopped saying that no secret demand came.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { compact } from "../../src/core/jws.ts";
import { secretOf } from "../core/secrets.ts";
import { aSteward } from "../somebody.ts";
import { inChromium } from "./chromium.ts";
import { cast, enters } from "./minecast.ts";

const day = 86_400;

test("she is told that a steward has stopped, in her language, and what she can do", () => inChromium(async (visit) => {
  const file = join(tmpdir(), `words-${String(process.pid)}-${String(Date.now())}`);
  const c = await cast({ canary_file: file });
  try {
    const fresh = await enters(visit, c, "ar");
    assert.equal(await fresh.page.getByText(fresh.say("mine.silence.then")).count(), 0, "nobody spoke, so nobody stopped");
    const { c: steward } = aSteward({ url: c.vault.url, vault: c.vault.vault }, await secretOf(c.vault.steward.words()));
    const today = Math.floor(Date.now() / 1000 / day) * day;
    const claims = { iss: steward.account, aud: c.vault.vault, day: today - 30 * day, until: today - 7 * day, says: "no-secret-demand" };
    const word = await compact({ alg: "EdDSA", typ: "tv-canary+jwt", kid: steward.account }, claims, async (b) => steward.keys?.sign(b) ?? assert.fail());
    writeFileSync(file, `${word}\nnonsense\n`);
    const h = await enters(visit, c, "ar");
    await h.sees(h.say("mine.silence.then"));
    await h.sees(h.say("mine.silence.false"));
  } finally {
    await c.vault.stop();
  }
}));
