// What a consultation of a partner is called, so that she knows what something was brought for (docs/protocol.md section 18; in Go
// api/client/consultation.go). An officer's signature is held against the document where there is one; where a program registered
// it, the document is the vault's word.
import { json } from "./call.ts";
import { decode } from "./canonical.ts";
import type { Client } from "./client.ts";
import { Failure, held } from "./failure.ts";
import { bytesOf, hashOf } from "./names.ts";
import { foreign } from "./roster.ts";
import { list, maybe, object, string, whole, type Shape } from "./shape.ts";

const answer = object({ partner: string, until: whole, document: bytesOf, statement: maybe(string) });
const anything: Shape<unknown> = (v) => v;
const names = object({ names: list(object({ language: string, text: string })), prompts: anything, purposes: anything, terms: anything, support: anything });

/** consultationName is its name in a language, or in the first that it has. */
export async function consultationName(c: Client, consultation: string, partner: string, language: string): Promise<string> {
  const said = await json(c, { method: "GET", path: `/v1/consultations/${consultation}`, repeat: true }, answer);
  if (said.partner !== partner) throw new Failure("nonsense", "the consultation is another partner's");
  if (said.statement !== undefined) {
    const s = foreign(c, said.statement);
    const signed = s?.act === "consultation" && s.body.consultation === consultation && s.body.partner === partner && s.body.until === said.until &&
      s.body.document_sha256 === hashOf(said.document);
    if (!signed) throw new Failure("nonsense", "the officer signed for something else");
  }
  const { names: all } = held("nonsense", () => decode(said.document, names));
  return (all.find((one) => one.language === language) ?? all[0])?.text ?? "";
}
