// The page's side of the worker: functions that look like core/keys.ts and send messages. Ending it kills the worker and with it
// every key, at once and also while it works; whatever was waited for then fails as `stopped`.
import type { Bytes } from "../core/bytes.ts";
import { Failure } from "../core/failure.ts";
import type { Problem, WordList } from "../core/phrase.ts";
import { call, type Line, line, type Options } from "./line.ts";
import type { Port, ToPage, ToWorker } from "./message.ts";
import type { Where } from "./service.ts";
import { workerKeys, type WorkerKeys } from "./workerkeys.ts";

/** What can be asked of the worker before there are keys. */
export interface VaultWorker {
  /** enter reads words or digits as she typed them. */
  enter(text: string, lists: readonly WordList[], where: Where): Promise<WorkerKeys | { problem: Problem }>;
  /** draw makes new words. */
  draw(where: Where): Promise<WorkerKeys>;
  /** joinWords makes lost words again of their shares, if they are those of the key with this thumbprint. */
  joinWords(shares: Bytes[], where: Bytes, thumbprint: string): Promise<WorkerKeys>;
  /** sealFor seals something small to a recipient as an age file. */
  sealFor(recipient: string, bytes: Bytes): Promise<Bytes>;
  /** end forgets everything. */
  end(): void;
}

/** connect speaks with a worker: spawn's, or a port in tests. kill stops it for good. */
export function connect(port: Port<ToWorker, ToPage> & { onerror?: unknown }, kill: () => void): VaultWorker {
  const to: Line = line(port);
  if ("onerror" in port) port.onerror = () => to.close(new Failure("unavailable", "the worker stopped"));
  return {
    async enter(text, lists, where) {
      const entered = await call(to, "enter", [text, [...lists], where]);
      return "problem" in entered ? entered : workerKeys(to, entered);
    },
    draw: async (where) => workerKeys(to, await call(to, "draw", [where])),
    joinWords: async (shares, where, thumbprint) => workerKeys(to, await call(to, "joinWords", [shares, where, thumbprint])),
    sealFor: (recipient, bytes) => call(to, "sealFor", [recipient, bytes]),
    end() {
      kill();
      to.close(new Failure("stopped"));
    },
  };
}

export type { Options, WorkerKeys };
