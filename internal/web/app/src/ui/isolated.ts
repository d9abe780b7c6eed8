// What somebody wrote, in a sentence of ours: its direction is kept to itself. A name could
// hold the mark that ends the isolation, and then turn around the rest of a sentence that
// she signs: marks that end nothing are taken out, and what a name leaves open is closed.

const FSI = "\u2068";
const PDI = "\u2069";

export function isolated(text: string): string {
  let open = 0;
  const kept = text.replace(/[\u2066-\u2069]/g, (mark) => {
    if (mark === PDI && open === 0) return "";
    open += mark === PDI ? -1 : 1;
    return mark;
  });
  return FSI + kept + PDI.repeat(open + 1);
}
