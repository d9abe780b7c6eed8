// "Not now": the question is silent until the day that she picks.

import { notNow, type GrantDetail } from "../core/grants.ts";
import { time } from "../core/session.ts";
import { dayOf } from "../core/terms.ts";
import { el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import { back, type View } from "../ui/view.ts";
import { Failure } from "../core/failure.ts";
import { dayField } from "./dates.ts";
import { deed, page } from "./page.ts";

const quarter = 91 * 86_400;

export function laterView(g: GrantDetail): View {
  return page(t("mine.notnow"), (c) => {
    const today = dayOf(time(c));
    const field = dayField(t("mine.notnow.until"), today + quarter, today, 9);
    const go = deed(t("mine.notnow.say"), async (account) => {
      const until = field.read();
      if (until === undefined || until <= today) throw new Failure("refused");
      await notNow(account, g.testimony, g.grant, until);
      back();
    }, "main");
    return Promise.resolve([el("p", {}, t("mine.notnow.why")), field.node, go]);
  });
}
