// What happens to what she is telling when the page locks itself: where a sealed copy is
// kept, the open one goes out of memory, and her words bring it back. Where there are no
// words yet nothing is taken away, because nothing could bring it back: who chooses
// "later" is told so, and on a phone that others use there is no later.

import { lockDraft } from "./keeper.ts";
import { forget } from "./story.ts";

export function sealStory(): void {
  if (lockDraft()) forget();
}
