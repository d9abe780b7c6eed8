// A text, as its letters and nothing else: one text node, in which nothing is read as markup, isolated so that its direction stays
// its own. Marks that turn the order of letters around (U+202D, U+202E) are shown as such: with them a quote can be made to say
// another thing than its letters. What is not UTF-8 is read in an encoding that the reader picks; the bytes are what she sealed.
import { useEffect, useState } from "preact/hooks";
import { t } from "../ui/texts.ts";
import { Wait } from "./scene.tsx";

const encodings = ["utf-8", "windows-1256", "windows-1251", "windows-1252", "utf-16le"] as const;
type Encoding = (typeof encodings)[number];

/** most is how many characters are shown at once: a browser lays out no more without standing still. */
const most = 200_000;

/** decoded reads bytes, or nothing where they are no text of this encoding. */
export function decoded(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** first guesses by what can be known: a byte order mark, or that it is UTF-8. */
export function first(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return decoded(bytes, "utf-8") === undefined ? "windows-1256" : "utf-8";
}

/** harmless shows the marks that override the order of letters, and drops control characters. */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\u202D\u202E]/g, "\uFFFD").replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, "");
}

export function Words({ of }: { of: Blob }) {
  const [bytes, set] = useState<Uint8Array | undefined>(undefined);
  const [chosen, choose] = useState<Encoding | undefined>(undefined);
  const [upTo, more] = useState(most);
  useEffect(() => {
    let gone = false;
    void of.arrayBuffer().then((all) => !gone && set(new Uint8Array(all)));
    return () => {
      gone = true;
    };
  }, [of]);
  if (bytes === undefined) return <Wait />;
  const encoding = chosen ?? first(bytes);
  const text = harmless(decoded(bytes, encoding) ?? new TextDecoder(encoding).decode(bytes));
  return (
    <>
      {first(bytes) !== "utf-8" && <Pick chosen={encoding} choose={choose} />}
      <div class="words" dir="auto" tabIndex={0} role="region" aria-label={t("read.form.text")}>{text.slice(0, upTo)}</div>
      {text.length > upTo && <button type="button" onClick={() => more(upTo + most)}>{t("read.more")}</button>}
    </>
  );
}

function Pick({ chosen, choose }: { chosen: Encoding; choose: (encoding: Encoding) => void }) {
  return (
    <>
      <label for="encoding">{t("read.encoding")}</label>
      <select id="encoding" autocomplete="off" value={chosen} onChange={(event) => choose(event.currentTarget.value as Encoding)}>
        {encodings.map((one) => <option key={one} value={one}>{one}</option>)}
      </select>
    </>
  );
}
