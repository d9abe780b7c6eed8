// A screen to be looked at. Each room keeps its own in a file NAME.shots.ts of this folder, which exports `shots`;
// `make screens` takes all of them in Arabic and in English at 360 px.
import type { Page } from "playwright-core";
import type { World } from "../world.ts";

export interface Shot {
  readonly name: string; // of the picture: var/screens/NAME-LANGUAGE.png
  /** show brings a fresh page to what is to be seen. */
  show(page: Page, world: World, language: string): Promise<unknown>;
}
