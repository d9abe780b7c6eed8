// The archive of a kept part, and TERMS.json in it: byte for byte what api/client writes (docs/protocol.md section 8), so that
// testimony verify holds it against her signatures for as long as anybody keeps it.
import { utf8, type Bytes } from "../core/bytes.ts";
import type { Client } from "../core/client.ts";
import type { OpenedGrant, Received } from "../core/inbox.ts";
import { encodeInfo } from "../core/partinfo.ts";
import { foreign } from "../core/roster.ts";
import { block, blockSize, padded } from "../core/tar.ts";
import { language } from "../ui/places.ts";
import { termsLines } from "../ui/terms.ts";

/** archived puts a folder together: first what is owed, then what it is owed for. */
export function archived(folder: string, terms: Bytes, of: OpenedGrant): Blob {
  const files: [string, Blob][] = [["TERMS.json", new Blob([terms])], ["part.json", new Blob([encodeInfo(of.info)])], ["content", of.content]];
  const pieces = files.flatMap(([name, file]) => [block(`${folder}/${name}`, file.size), file, new Uint8Array(padded(file.size) - file.size)]);
  return new Blob([...pieces, new Uint8Array(2 * blockSize)], { type: "application/x-tar" });
}

/** termsFile is TERMS.json. */
export function termsFile(c: Client, of: Received, n: number): Bytes {
  const relock = of.relocks.find((text) => concerns(c, text, n));
  const file = {
    vault: c.vault, grant: of.grant, granted_by: of.from, testimony: of.testimony, part: n, terms: of.terms, statement: of.statement,
    ...(of.changed === "" ? {} : { terms_statement: of.changed }),
    ...(relock === undefined ? {} : { relock }),
    ...(of.rekeys.length === 0 ? {} : { rekeys: of.rekeys }),
    words: { language: language(), lines: termsLines(of.terms).map(bare) },
  };
  return utf8(`${JSON.stringify(file, undefined, 2)}\n`);
}

/** bare is a line as the command line program writes it: isolated pieces are for languages from right to left. */
function bare(line: string): string {
  return document.documentElement.dir === "rtl" ? line : line.replace(/[\u2068\u2069]/g, "");
}

function concerns(c: Client, text: string, n: number): boolean {
  const s = foreign(c, text);
  return s?.act === "relock" && s.body.n === n;
}
