// The way to what is hers, which is loaded when she asks for it.

import { show } from "../ui/view.ts";

export async function showMine(): Promise<void> {
  const { openMine } = await import("../mine/mine.ts");
  await show(await openMine());
}
