// JSON that has exactly one spelling (docs/protocol.md section 1; in Go internal/canonical). What is signed must mean the
// same to every program that reads it, so a signed document is read, written again, and accepted only when the texts are
// equal. That one comparison refuses another order, white space, repeated and unknown names, 1.0 for 1, and every escape
// that could be spelled otherwise. Characters that Go and JavaScript escape differently are refused before.
import { text, utf8, type Bytes } from "./bytes.ts";
import type { Shape } from "./shape.ts";

// Control characters, DEL, line and paragraph separators; lone surrogates cannot be written as UTF-8 at all.
const forbidden = /[\u0000-\u001f\u007f\u2028\u2029]|\p{Surrogate}/u;

/** encode writes a value in its own order, without white space. The only escapes are \" and \\. */
export function encode(value: unknown): string {
  const written = JSON.stringify(value);
  checkText(written);
  return written;
}

/** decode reads a signed document: its only spelling, or it throws. */
export function decode<T>(document: Uint8Array | string, shape: Shape<T>): T {
  const written = typeof document === "string" ? document : text(document);
  checkText(written);
  const value = shape(JSON.parse(written));
  if (JSON.stringify(value) !== written) throw new TypeError("the JSON is not in its canonical spelling");
  return value;
}

/** encodeBytes is encode as UTF-8. */
export function encodeBytes(value: unknown): Bytes {
  return utf8(encode(value));
}

/** plain says whether a text may stand in a signed document. */
export function plain(written: string): boolean {
  return !forbidden.test(written);
}

function checkText(written: string): void {
  if (forbidden.test(written) || /\\(?:[^"\\]|$)/.test(written.replaceAll("\\\\", ""))) {
    throw new TypeError("the text has control characters, line separators or broken Unicode");
  }
}

/** parse reads an answer that is not signed: any order and spacing, but no name twice in one object, for that would be two
 *  answers in one and two programs could take different ones. */
export function parse(answer: string): unknown {
  const value: unknown = JSON.parse(answer);
  const open: Set<string>[] = [];
  for (const match of answer.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}]/g)) {
    const [token, quoted, colon] = match;
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined && quoted !== undefined) takeName(open.at(-1), JSON.parse(quoted) as string);
  }
  return value;
}

function takeName(names: Set<string> | undefined, name: string): void {
  if (names?.has(name) !== false) throw new TypeError("the JSON has a name twice");
  names.add(name);
}
