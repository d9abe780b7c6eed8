// What a page must be for hands and eyes: nothing beyond the edge at 320 px, nothing too small to touch, everything reached
// by the keyboard.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";

/** fits fails where a page is wider than its window, at which people would have to scroll sideways. */
export async function fits(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const most = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll("body *")].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && (box.right > most + 1 || box.left < -1);
    });
    return { scrolls: document.documentElement.scrollWidth > most, out: out.map((e) => `${e.tagName} ${e.className} ${e.textContent.slice(0, 60)}`) };
  });
  assert.deepEqual(wide, { scrolls: false, out: [] }, `${page.url()} does not fit into its window`);
}

/** touchable fails where something to press is smaller than 44 px. Links inside a sentence are as large as their words. */
export async function touchable(page: Page): Promise<void> {
  const small = await page.evaluate(() =>
    [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [role=button], [tabindex='0']")]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest("p, .unseen") && !e.classList.contains("skip"))
      .map((e) => ({ at: (e.closest("label") ?? e).getBoundingClientRect(), what: `${e.tagName} ${e.id} ${e.textContent.slice(0, 60)}` }))
      .filter(({ at }) => at.width > 0 && (at.width < 43.9 || at.height < 43.9))
      .map(({ at, what }) => `${at.width.toFixed(0)} × ${at.height.toFixed(0)}: ${what}`));
  assert.deepEqual(small, [], `${page.url()} has targets under 44 px`);
}

/** keyboard walks a page with Tab alone and fails unless everything that can be pressed is reached, in a visible way. */
export async function keyboard(page: Page): Promise<void> {
  const targets = await page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>("a[href], button:not([disabled]), input:not([disabled]), select, textarea, summary")]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.tabIndex >= 0 && !(e instanceof HTMLInputElement && e.type === "radio" && !e.checked));
    all.forEach((e, i) => e.setAttribute("data-target", String(i)));
    return all.length;
  });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const reached = new Set<string>();
  for (let i = 0; i < targets * 2 + 10 && reached.size < targets; i++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const e = document.activeElement;
      if (e === null || e === document.body) return null;
      const style = getComputedStyle(e);
      return { target: e.getAttribute("data-target"), seen: style.outlineStyle !== "none" || style.boxShadow !== "none", what: `${e.tagName} ${e.id} ${e.textContent.slice(0, 60)}` };
    });
    if (at?.target == null) continue;
    assert.ok(at.seen, `${page.url()}: nothing shows that this is chosen: ${at.what}`);
    reached.add(at.target);
  }
  assert.equal(reached.size, targets, `${page.url()}: ${String(targets - reached.size)} targets are beyond the keyboard`);
}
