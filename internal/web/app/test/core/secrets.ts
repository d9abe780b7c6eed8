// Words that the command line client wrote, as a secret.
import type { Bytes } from "../../src/core/bytes.ts";
import { listOf, read } from "../../src/core/phrase.ts";
import { ask } from "./oracle.ts";

/** secretOf reads words of either list. */
export async function secretOf(words: string): Promise<Bytes> {
  const { lists } = await ask({ op: "lists" });
  const reading = read(words, ["en", "fr"].map((tag) => listOf(tag, (lists?.[tag] ?? []).join("\n"))));
  if (!("secret" in reading)) throw new Error(`not a secret: ${reading.problem.reason}`);
  return reading.secret;
}
