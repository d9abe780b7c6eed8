// Writing. The text stays in the memory of the page (and in the sealed draft, where one
// is kept): the field is not remembered, corrected or completed by anything that sends.

import { el } from "../ui/el.ts";
import { t } from "../ui/texts.ts";
import { back, replace, type View } from "../ui/view.ts";
import { add, changed, told, type Part } from "./story.ts";
import { actions, doing, fault, onward, quiet } from "./step.ts";
import { reviewView } from "./review.ts";

const type = "text/plain; charset=utf-8";

/** plainField are the attributes of a field whose text nobody but her reads. */
export const plainField = { dir: "auto", spellcheck: "false", autocomplete: "off", autocorrect: "off", autocapitalize: "sentences" };

export function writeView(part?: Part): View {
  return { title: t("tell.write.heading"), make: () => make(part) };
}

async function make(part?: Part): Promise<Node[]> {
  const field = el("textarea", { id: "writing", rows: 12, class: "writing", ...plainField, "aria-describedby": "writing-help" });
  const empty = el("div");
  field.value = part ? await part.blob.text() : told().writing;
  field.addEventListener("input", () => {
    if (part) part.blob = blobOf(field.value);
    else told().writing = field.value;
    changed();
    empty.replaceChildren();
  });
  const done = () => {
    if (field.value.trim() === "") empty.replaceChildren(fault(t("tell.write.empty")));
    else keep(field.value, part);
  };
  return [
    doing("tell.write.do", "write"),
    el("label", { for: "writing" }, t("tell.write.label")),
    field,
    el("p", { class: "quiet", id: "writing-help" }, t("tell.write.help")),
    empty,
    actions(onward(t("tell.write.done"), done), el("button", { type: "button", onclick: back }, t("tell.back"))),
    quiet(t("tell.write.pace")),
  ];
}

function blobOf(text: string): Blob {
  return new Blob([text], { type });
}

function keep(text: string, part?: Part): void {
  if (!part) {
    told().writing = "";
    add({ kind: "text", type, blob: blobOf(text), cleaned: true });
  }
  void replace(reviewView());
}
