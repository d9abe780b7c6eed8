// Asks the Go side (internal/webcoretest). The program is taken from the folder that TESTIMONY_BIN names, or built from this checkout
// into .built/bin, and lives as long as a test file. Without it the tests fail: an interoperability test that is skipped proves nothing.
import { execFileSync, spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { after } from "node:test";
import { base64url, fromBase64url, type Bytes } from "../../src/core/bytes.ts";
import type { Card, PartInfo } from "../../src/core/sealer.ts";
import { app } from "../world.ts";

/** The repository's top folder. */
export const top = join(app, "..", "..", "..");

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

function binary(): string {
  const given = process.env["TESTIMONY_BIN"] ?? "";
  if (given !== "" && existsSync(join(given, "webcoretest"))) return join(given, "webcoretest");
  const bin = join(app, ".built", "bin");
  mkdirSync(bin, { recursive: true });
  const making = mkdtempSync(join(bin, "making-"));
  execFileSync("go", ["build", "-o", `${making}/`, "./internal/webcoretest"], { cwd: top, stdio: "inherit" });
  renameSync(join(making, "webcoretest"), join(bin, "webcoretest")); // whole, for tests that run beside
  rmSync(making, { recursive: true });
  return join(bin, "webcoretest");
}

function start(): Program {
  const child = spawn(binary(), { cwd: top, stdio: ["pipe", "pipe", "inherit"] });
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
  const decoded = Object.fromEntries(["header", "bytes", "sha256", "commit", "nonce", "key"].map((name) => [name, bytes(name)]));
  return { ...said, ...decoded } as unknown as Answer;
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
