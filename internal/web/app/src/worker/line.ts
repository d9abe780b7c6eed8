// Calls over a port, typed by the service they reach. Every call ends: with a value, a Failure, or the end of the line.
import type { Bytes } from "../core/bytes.ts";
import { Failure } from "../core/failure.ts";
import type { Fetch } from "../core/ranging.ts";
import type { Watch } from "../core/survey.ts";
import type { Failed, Port, ToPage, ToWorker } from "./message.ts";
import type { Context, Service } from "./service.ts";

/** What a call may bring: how to watch and stop it, and where its bytes come from. */
export interface Options {
  readonly watch?: Watch | undefined;
  readonly fetch?: Fetch | undefined;
}

interface Waiting extends Options {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** An open line. */
export interface Line {
  ask(method: string, args: readonly unknown[], options: Options): Promise<unknown>;
  /** close fails what is waited for, and all later calls. */
  close(why: Failure): void;
}

type Args<K extends keyof Service> = Service[K] extends (context: Context, ...args: infer A) => unknown ? A : never;
type Value<K extends keyof Service> = Awaited<ReturnType<Service[K]>>;

/** call asks one method. */
export function call<K extends keyof Service>(to: Line, method: K, args: Args<K>, options: Options = {}): Promise<Value<K>> {
  return to.ask(method, args, options) as Promise<Value<K>>;
}

/** line listens to a port. */
export function line(port: Port<ToWorker, ToPage>): Line {
  const waiting = new Map<number, Waiting>();
  let count = 0;
  let closed: Failure | undefined;
  port.onmessage = ({ data }) => {
    const one = waiting.get(data.id);
    if (one !== undefined) hear(port, one, data);
  };
  return {
    ask(method, args, options) {
      const [id, signal] = [++count, options.watch?.signal];
      return new Promise((resolve, reject) => {
        if (closed !== undefined) return reject(closed);
        if (signal?.aborted === true) return reject(new Failure("stopped"));
        const stop = () => port.postMessage({ id, stop: true }, []);
        signal?.addEventListener("abort", stop, { once: true });
        waiting.set(id, { ...options, resolve: over(resolve), reject: over(reject) });
        port.postMessage({ id, call: method, args }, []);
        function over<T>(settle: (value: T) => void): (value: T) => void {
          return (value) => {
            signal?.removeEventListener("abort", stop);
            waiting.delete(id);
            settle(value);
          };
        }
      });
    },
    close(why) {
      closed = why;
      for (const one of [...waiting.values()]) one.reject(why);
    },
  };
}

function hear(port: Port<ToWorker, ToPage>, one: Waiting, data: ToPage): void {
  if ("value" in data) one.resolve(data.value);
  else if ("failed" in data) one.reject(failureOf(data.failed));
  else if ("need" in data) void give(port, one, data);
  else one.watch?.progress?.(data.done, data.total);
}

/** give fetches for the worker. What the fetch fails with is what the call fails with: the worker cannot know it. */
async function give(port: Port<ToWorker, ToPage>, one: Waiting, asked: Extract<ToPage, { need: number }>) {
  let bytes: Bytes | undefined;
  try {
    bytes = await one.fetch?.(asked.from, asked.to);
  } catch (error) {
    one.reject(error);
  }
  port.postMessage({ id: asked.id, need: asked.need, bytes }, []);
}

function failureOf({ code, message }: Failed): Error {
  return code === "fault" ? new Error(message) : new Failure(code, message.replace(/^[a-z-]+(?:: )?/, ""));
}
