// A line between a client and the vault that can be cut in the middle: a port in front of the server. The vault must be started
// with the line's address as its origin, because proofs name the address that was used:
//
//   const line = await newLine();
//   const w = await world(line.settings);
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

export interface Line {
  readonly url: string;
  /** What the vault must be started with. */
  readonly settings: Readonly<Record<string, string>>;
  /** cut breaks the connection that carries the n-th byte from now to the server ("up") or to the client ("down"), once. */
  cut(way: "up" | "down", n: number): void;
  /** carried is how many bytes went each way. */
  carried(): { up: number; down: number };
  /** cuts is how many connections were broken so far. */
  cuts(): number;
  /** down and up again: while it is down every connection is refused. */
  down(): void;
  up(): void;
  stop(): Promise<void>;
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** freePort is one that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function newLine(): Promise<Line> {
  const behind = await freePort();
  const carried = { up: 0, down: 0 };
  const limits: { way: "up" | "down"; at: number }[] = [];
  const open = new Set<Socket>();
  let [cuts, dead] = [0, false];
  /** passed counts, and says how much of a piece still goes through. */
  const passed = (way: "up" | "down", bytes: number): number => {
    const limit = limits.find((l) => l.way === way && l.at <= carried[way] + bytes);
    const through = limit === undefined ? bytes : Math.max(0, limit.at - carried[way]);
    carried[way] += through;
    if (limit !== undefined) limits.splice(limits.indexOf(limit), 1);
    return limit === undefined ? -1 : through;
  };
  const carry = (way: "up" | "down", from: Socket, to: Socket, end: () => void) => {
    from.on("data", (piece: Buffer) => {
      const through = passed(way, piece.length);
      if (through < 0) {
        if (!to.write(piece)) from.pause();
        return;
      }
      cuts++;
      to.write(piece.subarray(0, through), end); // what came before the cut arrives
    });
    to.on("drain", () => from.resume());
    from.on("error", end).on("close", end);
  };
  const server = createServer((client) => {
    if (dead) {
      client.destroy();
      return;
    }
    const upstream = connect(behind, "127.0.0.1");
    const end = () => [client, upstream].forEach((s) => s.destroy());
    for (const s of [client, upstream]) open.add(s.once("close", () => open.delete(s)));
    carry("up", client, upstream, end);
    carry("down", upstream, client, end);
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  return {
    url,
    settings: { origins: url, listen: `127.0.0.1:${behind}` },
    cut: (way, n) => void limits.push({ way, at: carried[way] + n }),
    carried: () => ({ ...carried }),
    cuts: () => cuts,
    down: () => {
      dead = true;
      for (const s of open) s.destroy();
    },
    up: () => {
      dead = false;
    },
    stop: () => {
      for (const s of open) s.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
