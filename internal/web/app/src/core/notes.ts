// What a reader notes about a part, and the word that she was heard (docs/adr/0033; in Go api/client/note.go, heard.go). A note is
// sealed on this device to the reader's own recipient; the vault keeps it beside the reader's header, and it ends with that. Nobody
// signs a note, so nothing rests on it.
import { base64url, fromBase64url, text, utf8, type Bytes } from "./bytes.ts";
import { get, json } from "./call.ts";
import { keysOf, type Client } from "./client.ts";
import { Failure } from "./failure.ts";
import type { Hearing } from "./hearings.ts";
import { sayOne } from "./say.ts";
import { list, object, string, whole } from "./shape.ts";
import { saying } from "./statement.ts";

/** noteSize is the plaintext of every note in bytes, so that all look alike. */
export const noteSize = 4096;

/** What seals and opens a note: the worker, in which the keys stay. */
export interface NoteKeys {
  seal(recipient: string, bytes: Bytes): Promise<Bytes>;
  open(file: Bytes): Promise<Bytes>;
}

export interface Note {
  n: number;
  text: string;
  doubt?: Failure; // these keys do not open it, or it is no note
}

const notes = object({ notes: list(object({ n: whole, sealed: string })) });

/** notesOn opens the notes about the parts of a grant that stands. */
export async function notesOn(c: Client, keys: NoteKeys, grant: string): Promise<Note[]> {
  const said = await get(c, `/v1/inbox/${encodeURIComponent(grant)}/notes`, notes);
  return Promise.all(said.notes.map(async ({ n, sealed }): Promise<Note> => {
    try {
      return { n, text: opened(await keys.open(fromBase64url(sealed))) };
    } catch {
      return { n, text: "", doubt: new Failure("own-keys") };
    }
  }));
}

function opened(bytes: Bytes): string {
  if (bytes.length !== noteSize || bytes[noteSize - 1] !== 10) throw new Failure("nonsense", "not as long as a note");
  return text(bytes.subarray(0, noteSize - 1)).replace(/ +$/, "");
}

/** roomIn is how many bytes of UTF-8 can be added to a note; negative when it is too long. */
export function roomIn(note: string): number {
  return noteSize - 1 - utf8(note).length;
}

/** setNote keeps a note about a part in place of the one before; an empty one destroys it. */
export async function setNote(c: Client, keys: NoteKeys, grant: string, n: number, note: string): Promise<void> {
  let sealed = "";
  if (note !== "") {
    const room = roomIn(note);
    if (room < 0) throw new Failure("refused", "a note is too long");
    sealed = base64url(await keys.seal(keysOf(c).recipient, utf8(note + " ".repeat(room) + "\n")));
  }
  await json(c, { method: "PUT", path: `/v1/inbox/${encodeURIComponent(grant)}/notes/${n}`, body: { sealed }, signed: true, repeat: true }, notes);
}

export { hearings, type Hearing } from "./hearings.ts";

/** hear tells her that she was heard, once a grant. not-found: nothing was opened, or it was said already. */
export async function hear(c: Client, grant: string, reply: Hearing): Promise<void> {
  await sayOne(c, `/v1/inbox/${encodeURIComponent(grant)}/hearings`, () => saying("reply", { grant, reply, reason: "" }));
}
