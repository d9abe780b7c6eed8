// Asks the Go side (internal/webcoretest). The program is built into the folder of the compiled tests, which is not committed, and
// lives as long as a test file. Without the go command the tests fail: an interoperability test that is skipped proves nothing.
import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { after } from "node:test";
import { base64url, fromBase64url, type Bytes } from "../../src/core/bytes.ts";
import type { Card, PartInfo } from "../../src/core/sealer.ts";

/** The repository's top folder: npm runs tests in internal/web/app. */
export const top = join(process.cwd(), "..", "..", "..");

/** vectors reads a file of api/vectors. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(join(top, "api", "vectors", name), "utf8")) as T;
}

export interface Question {
  op: string;
  text?: string;
  secret?: Bytes;
  vault?: Bytes;
  recipient?: string;
  key?: Bytes;
  other?: Bytes;
  nonce?: Bytes;
  info?: PartInfo;
  card?: Card;
  header?: Bytes;
  bytes?: Bytes;
  sha256?: Bytes;
  commit?: Bytes;
}

export interface Answer {
  error?: string;
  text?: string;
  lists?: Record<string, string[] | null>;
  info?: PartInfo;
  card?: Card;
  digits?: string;
  words?: Record<string, string>;
  header: Bytes;
  bytes: Bytes;
  sha256: Bytes;
  commit: Bytes;
  nonce: Bytes;
  key: Bytes;
}

type Program = ChildProcessByStdio<Writable, Readable, null>;
let program: Program | undefined;
const waiting: ((line: string) => void)[] = [];

function start(): Program {
  const binary = join(process.cwd(), ".built", `oracle-${process.pid}`);
  execFileSync("go", ["build", "-o", binary, "./internal/webcoretest"], { cwd: top, stdio: "inherit" });
  const child = spawn(binary, { cwd: top, stdio: ["pipe", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  return child;
}

after(() => {
  program?.stdin.end();
});

/** tell asks and gives the answer, also when it is an error. */
export async function tell(question: Question): Promise<Answer> {
  program ??= start();
  const plain = Object.fromEntries(Object.entries(question).map(([name, v]) => [name, v instanceof Uint8Array ? base64url(v) : (v as unknown)]));
  const line = await new Promise<string>((resolve) => {
    waiting.push(resolve);
    program?.stdin.write(JSON.stringify(plain) + "\n");
  });
  const said = JSON.parse(line) as Record<string, unknown>;
  const bytes = (name: string) => fromBase64url((said[name] as string | undefined) ?? "");
  const binary = Object.fromEntries(["header", "bytes", "sha256", "commit", "nonce", "key"].map((name) => [name, bytes(name)]));
  return { ...said, ...binary } as unknown as Answer;
}

/** ask is tell for what must succeed. */
export async function ask(question: Question): Promise<Answer> {
  const answer = await tell(question);
  if (answer.error !== undefined) throw new Error(`${question.op}: ${answer.error}`);
  return answer;
}

/** noise is the same for the same length, and does not repeat. */
export function noise(length: number): Bytes {
  const out = new Uint32Array(Math.ceil(length / 4));
  let state = (length * 2654435761 + 1) >>> 0;
  for (let i = 0; i < out.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    out[i] = state;
  }
  return new Uint8Array(out.buffer).slice(0, length);
}
