// The way to what is hers: with an open account at once, else by her words.

import { show } from "../ui/view.ts";

export async function showMine(): Promise<void> {
  const { openMine } = await import("../mine/mine.ts");
  await show(await openMine());
}
