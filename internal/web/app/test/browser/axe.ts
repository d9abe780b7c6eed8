// axe-core on a page, in a world of its own: the page's policy stays as strict as it is served, and the page cannot see it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { app } from "../world.ts";

const source = readFileSync(join(app, "node_modules", "axe-core", "axe.min.js"), "utf8");

// WCAG 2.2 AA and what axe calls best practice.
const run = `axe.run(document, { resultTypes: ["violations"] }).then((found) => JSON.stringify(found.violations.map((v) =>
  ({ rule: v.id, help: v.help, nodes: v.nodes.map((n) => n.target.join(" ") + " " + n.html.slice(0, 160) + " " + (n.failureSummary ?? "")) }))))`;

/** noViolations holds a page of Chromium against WCAG 2.2 AA, as it stands. It needs scripts to be on. */
export async function noViolations(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  try {
    const { frameTree } = await session.send("Page.getFrameTree");
    const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id, worldName: "axe" });
    await session.send("Runtime.evaluate", { expression: source, contextId: executionContextId });
    const said = await session.send("Runtime.evaluate", { expression: run, contextId: executionContextId, awaitPromise: true, returnByValue: true });
    if (said.exceptionDetails) throw new Error(`axe: ${said.exceptionDetails.exception?.description ?? said.exceptionDetails.text}`);
    assert.deepEqual(JSON.parse(String(said.result.value)), [], `${page.url()} is not accessible to all`);
  } finally {
    await session.detach();
  }
}
