// What page and worker say to each other. Secrets go one way only, from the page into the worker (what she types); what comes
// back are public keys, signatures, sealed bytes, and what she asked to read. The exceptions are named in service.ts: her words when
// they are new, and the identity file.
import type { Bytes } from "../core/bytes.ts";
import type { Code } from "../core/failure.ts";

/** From the page. */
export type ToWorker =
  | { readonly id: number; readonly call: string; readonly args: readonly unknown[] }
  | { readonly id: number; readonly stop: true }
  | { readonly id: number; readonly need: number; readonly bytes: Bytes | undefined };

/** From the worker. */
export type ToPage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failed: Failed }
  | { readonly id: number; readonly done: number; readonly total: number }
  | { readonly id: number; readonly need: number; readonly from: number; readonly to: number };

/** An error on its way. What is none of ours is a fault: of the program, never of her. */
export interface Failed {
  readonly code: Code | "fault";
  readonly message: string;
}

/** A worker, or either end of a MessageChannel. */
export interface Port<Out, In> {
  postMessage(message: Out, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<In>) => void) | null;
}
