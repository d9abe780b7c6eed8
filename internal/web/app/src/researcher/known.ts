// What this page has learnt of parts by opening them: what they are, never what is in them. It is in memory and goes with the account.
import type { PartInfo } from "../core/sealer.ts";
import { onLock } from "../ui/holder.ts";

const learnt = new Map<string, PartInfo>();
onLock(() => learnt.clear());

export function known(grant: string, n: number): PartInfo | undefined {
  return learnt.get(`${grant}/${String(n)}`);
}

export function learn(grant: string, n: number, info: PartInfo): void {
  learnt.set(`${grant}/${String(n)}`, info);
}
