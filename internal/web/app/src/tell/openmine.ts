// The way to what is hers: with an open account at once, else by her words.

import { show } from "../ui/view.ts";
import { carryOn } from "./carryon.ts";

export async function showMine(): Promise<void> {
  await show(await carryOn());
}
