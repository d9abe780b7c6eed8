// Answers calls: one message in, one answer out, with progress and requests for bytes between. Calls run side by side; what must not
// (the acts of one lock) stands in line in core/keys.ts.
import type { Bytes } from "../core/bytes.ts";
import { codeOf, Failure } from "../core/failure.ts";
import type { Failed, Port, ToPage, ToWorker } from "./message.ts";
import type { Context, Service } from "./service.ts";

/** Bytes of this size and more change hands instead of being copied. Nothing that long is kept here after it was answered. */
const moved = 65536;

interface Call {
  readonly stop: AbortController;
  readonly needs: Map<number, (bytes: Bytes | undefined) => void>;
}

type Method = (context: Context, ...args: readonly unknown[]) => unknown;

/** serve lets a port call the methods of a service. */
export function serve(port: Port<ToPage, ToWorker>, service: Service): void {
  const calls = new Map<number, Call>();
  port.onmessage = ({ data }) => {
    if ("call" in data) void answer(port, calls, service, data);
    else if ("stop" in data) halt(calls.get(data.id));
    else calls.get(data.id)?.needs.get(data.need)?.(data.bytes);
  };
}

async function answer(port: Port<ToPage, ToWorker>, calls: Map<number, Call>, service: Service, { id, call, args }: Extract<ToWorker, { call: string }>) {
  const own: Call = { stop: new AbortController(), needs: new Map() };
  calls.set(id, own);
  try {
    if (!Object.hasOwn(service, call)) throw new Error("no such method");
    const method = service[call as keyof Service] as unknown as Method;
    const value = owned(await method(contextOf(port, id, own), ...args));
    port.postMessage({ id, value }, buffersIn(value));
  } catch (error) {
    port.postMessage({ id, failed: failedOf(error) }, []);
  } finally {
    calls.delete(id);
  }
}

function contextOf(port: Port<ToPage, ToWorker>, id: number, call: Call): Context {
  let count = 0;
  return {
    watch: {
      signal: call.stop.signal,
      progress: (done, total) => port.postMessage({ id, done, total }, []),
    },
    fetch: (from, to) =>
      new Promise((resolve, reject) => {
        const need = ++count;
        call.needs.set(need, (bytes) => {
          call.needs.delete(need);
          if (bytes === undefined) reject(new Failure("stopped"));
          else resolve(bytes);
        });
        port.postMessage({ id, need, from, to }, []);
      }),
  };
}

function halt(call: Call | undefined): void {
  call?.stop.abort();
  for (const give of call?.needs.values() ?? []) give(undefined);
}

function failedOf(error: unknown): Failed {
  return { code: codeOf(error), message: error instanceof Error ? error.message : "" };
}

/** owned gives long bytes a buffer of their own, so that nothing else of a larger one goes with them. */
function owned(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.byteLength === value.buffer.byteLength ? value : value.slice();
  if (hasContent(value)) return { ...value, content: value.content.map(owned) };
  return value;
}

function buffersIn(value: unknown): Transferable[] {
  const all = hasContent(value) ? value.content : [value];
  return all.flatMap((bytes) => (bytes instanceof Uint8Array && bytes.byteLength >= moved ? [bytes.buffer as ArrayBuffer] : []));
}

function hasContent(value: unknown): value is { content: unknown[] } {
  return typeof value === "object" && value !== null && "content" in value && Array.isArray(value.content);
}
