// Pictures, sound and films of her own. Until they can be shown without leaving the
// locked page, there is only the way over a file, and its danger is said first.

import type { Opened } from "../core/testimonies.ts";
import { el, theirs } from "../ui/el.ts";
import { t } from "../ui/texts.ts";

export function mediaNodes(opened: Opened): Node[] {
  return [el("p", { class: "quiet" }, theirs(opened.info.media_type)), el("p", {}, t("mine.notshown"))];
}
