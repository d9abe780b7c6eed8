// Which words of a list somebody may have meant: up to three that the typed one begins, or that are at most two edits away; the
// nearest first, and of equally near ones those that begin alike, because beginnings are seldom mistyped (in Go
// internal/phrase/closest.go, with the same answers).
const most = { words: 3, edits: 2 } as const;

/** closest gives words of the list as they are written. fold drops what two typings of one word may differ in. */
export function closest(typed: string, list: readonly string[], fold: (word: string) => string): string[] {
  const length = new TextEncoder().encode(typed).length;
  if (length < 3 || length > 32) return [];
  const near = [...new Set(list)]
    .map((word) => ({ word, ...compare(typed, fold(word)) }))
    .filter((one) => one.edits <= most.edits)
    .sort((a, b) => a.edits - b.edits || b.alike - a.alike);
  return near.slice(0, most.words).map((one) => one.word);
}

function compare(typed: string, word: string): { edits: number; alike: number } {
  let alike = 0;
  while (alike < Math.min(typed.length, word.length) && typed[alike] === word[alike]) alike++;
  return { edits: alike < typed.length ? distance([...typed], [...word]) : 0, alike };
}

/** distance is the Levenshtein distance. */
function distance(a: string[], b: string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of a.entries()) {
    const next = [i + 1];
    for (const [j, other] of b.entries()) {
      const cost = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(cost, (next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
