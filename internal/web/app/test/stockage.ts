// The stock age program, of the version in go.mod, and what stands in docs/protocol.md for everybody who has no more than that:
// a sealed part opens with age, tar and sha256sum.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { app, programs } from "./world.ts";

const run = promisify(execFile);

/** age gives the program's path; it is built beside the others where it is not there yet. */
async function age(): Promise<string> {
  const path = join(await programs(), "age");
  if (existsSync(path)) return path;
  const making = `${path}-${String(process.pid)}`;
  await run("go", ["build", "-trimpath", "-o", making, "filippo.io/age/cmd/age"], { cwd: join(app, "..", "..", ".."), env: { ...process.env, CGO_ENABLED: "0" } });
  renameSync(making, path);
  return path;
}

/** openWithStock opens the age file of a part in a folder of its own, which is made, and gives what is in the part. */
export async function openWithStock(folder: string, identityFile: string, file: Uint8Array): Promise<{ info: Record<string, unknown>; content: Buffer }> {
  mkdirSync(folder);
  writeFileSync(join(folder, "key.txt"), identityFile, { mode: 0o600 });
  writeFileSync(join(folder, "part.age"), file);
  await run(await age(), ["-d", "-i", "key.txt", "-o", "part.tar", "part.age"], { cwd: folder });
  await run("tar", ["-xf", "part.tar"], { cwd: folder });
  await run("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: folder });
  return { info: JSON.parse(readFileSync(join(folder, "part.json"), "utf8")) as Record<string, unknown>, content: readFileSync(join(folder, "content")) };
}
