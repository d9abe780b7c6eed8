// A screen to be looked at. Each room keeps its own in a file NAME.shots.ts of this folder, which exports `shots`;
// `make screens` takes all of them in Arabic and in English at 360 px.
import type { Page } from "playwright-core";
import type { World } from "../world.ts";

/** Camera is what a way through several screens has in hand. */
export interface Camera {
  /** take takes a picture on the way, var/screens/NAME-LANGUAGE.png, of a view that must have one heading, an exit and support. */
  readonly take: (name: string) => Promise<void>;
  /** allow says which faults belong to what is shown. */
  readonly allow: (...patterns: readonly RegExp[]) => void;
}

export interface Shot {
  readonly name: string; // of the picture: var/screens/NAME-LANGUAGE.png
  readonly way?: boolean; // true: it takes its pictures on the way, and none at its end
  /** show brings a fresh page to what is to be seen. */
  show(page: Page, world: World, language: string, camera: Camera): Promise<unknown>;
}
