// How much memory the processes of a browser take, as the kernel counts it (proc(5)).
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** renderers are the processes of Chromium that run pages and their workers, by the folder of its profile. */
export function renderers(profile: string): number[] {
  const browser = Number(/-(\d+)$/.exec(readlinkSync(join(profile, "chromium", "SingletonLock")))?.[1]);
  return below(browser).filter((pid) => readOr(`/proc/${String(pid)}/cmdline`).includes("--type=renderer"));
}

/** below are the processes that a process has started, and those that they have. */
function below(root: number): number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((name) => ({ pid: Number(name), of: parent(name) }));
  const found = [root];
  for (const one of found) found.push(...all.filter(({ of }) => of === one).map(({ pid }) => pid));
  return found.slice(1);
}

const parent = (pid: string) => Number(/^PPid:\s+(\d+)$/m.exec(readOr(`/proc/${pid}/status`))?.[1] ?? -1);

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}

/** Memory in MiB, over a time: what was taken before it, and the most during it. */
export interface Peak {
  readonly before: number;
  readonly most: number;
}

/** peakOf has the kernel forget the largest size of the processes so far, and reads it again when use has ended. It is summed up. */
export async function peakOf(pids: readonly number[], use: () => Promise<void>): Promise<Peak> {
  const before = sum(pids, "VmRSS");
  for (const pid of pids) writeFileSync(`/proc/${String(pid)}/clear_refs`, "5");
  await use();
  return { before, most: sum(pids, "VmHWM") };
}

function sum(pids: readonly number[], name: string): number {
  return pids.map((pid) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${String(pid)}/status`, "utf8"))?.[1]) / 1024)
    .reduce((a, b) => a + b, 0);
}

/** seconds is how long processes have computed, in user and kernel mode. */
export function seconds(pids: readonly number[]): number {
  return pids.map((pid) => {
    const text = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 1).trim().split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100; // ticks, the same on all machines that Go knows
  }).reduce((a, b) => a + b, 0);
}
