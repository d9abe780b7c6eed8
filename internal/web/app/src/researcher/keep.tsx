// A copy, where her terms allow one: content, what it is, and what is owed for it, in one archive of the kind that every system
// opens. TERMS.json stands first in it, so that the content lies nowhere without its terms; testimony verify reads it.
import { keepGranted } from "../core/inbox.ts";
import { size } from "../ui/numbers.ts";
import { t } from "../ui/texts.ts";
import { useState } from "preact/hooks";
import { mine } from "./account.ts";
import { archived, termsFile } from "./archive.ts";
import type { Arrived } from "./receive.ts";
import { useDoing, Wait, Wrong } from "./scene.tsx";

export function Keep({ of }: { of: Arrived }) {
  const [came, tell] = useState(0);
  const [kept, said] = useState(false);
  const { busy, error, run } = useDoing();
  const keep = (): void =>
    run(async () => {
      const got = await keepGranted(mine(), of.received.grant, of.n, { watch: tell });
      offer(archived(`part-${String(of.n)}`, termsFile(mine(), got.received, of.n), got), `part-${String(of.n)}.tar`);
      said(true);
    });
  return (
    <section>
      <h2>{t("read.keep.title")}</h2>
      <p>{t("read.keep.do")}</p>
      <Wrong error={error} />
      {busy && <Wait text={t("read.coming", { got: size(came), all: size(of.size) })} />}
      {kept && <p role="status">{t("read.keep.done")}</p>}
      <button type="button" disabled={busy} onClick={keep}>{t("read.keep")}</button>
    </section>
  );
}

/** offer hands a file to the browser, which saves it where its owner has said. */
function offer(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser has taken it by then
}
