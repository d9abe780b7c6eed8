// A line between a browser and the vault that a test can cut, and that keeps what went up it: the place to look for
// plaintext. It carries bytes and understands none of them.
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface Line {
  readonly url: string; // what the browser is given instead of the vault's address
  /** sent is everything that went up so far. */
  sent(): Buffer;
  /** cut breaks what is open at this moment; new connections are taken again. */
  cut(): void;
  /** cutAfter breaks the line once, when so many bytes more have gone up. */
  cutAfter(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** line lays a line to the vault at url. The vault must be told of its origin: world({ origins: … }). */
export async function line(port: number, to: () => string): Promise<Line> {
  const up: Buffer[] = [];
  const open = new Set<Socket>();
  let left = Infinity;
  let broken: (() => void) | undefined;
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  const carry = (chunk: Buffer): void => {
    up.push(chunk);
    left -= chunk.length;
    if (left > 0) return;
    left = Infinity;
    cut();
    broken?.();
  };
  const server: Server = createServer((near) => {
    const far = connect(Number(new URL(to()).port), "127.0.0.1");
    for (const [one, other] of [[near, far], [far, near]] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
    near.on("data", carry);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    sent: () => Buffer.concat(up),
    cut,
    cutAfter: (bytes) => new Promise((resolve) => {
      left = bytes;
      broken = resolve;
    }),
    close: () => new Promise((resolve) => {
      cut();
      server.close(() => resolve());
    }),
  };
}
