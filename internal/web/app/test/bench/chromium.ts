// What Chromium says of itself while it is measured, by the DevTools protocol: the bytes that came over the line, compressed as
// they were, and how to make line and processor slow.
import type { CDPSession, Page } from "playwright-core";

/** A meter counts the bodies that a page has received, compressed as they came, by their announced length. Of a worker's script
 *  Chromium tells a page nothing but that it is there: its length is asked for again. */
export interface Meter {
  bytes(): Promise<number>;
  /** requests lists them in the order in which they began, with the seconds from the beginning until they began and ended. */
  requests(): readonly { readonly what: string; readonly from: number; to: number }[];
}

/** meter begins to count. */
export async function meter(page: Page): Promise<Meter> {
  const session = await page.context().newCDPSession(page);
  page.on("worker", (worker) => asking.push(lengthOf(worker.url()).then((length) => void (bytes += length))));
  const asking: Promise<void>[] = [];
  const all = new Map<string, { what: string; from: number; to: number }>();
  let [bytes, began]: [number, number | undefined] = [0, undefined];
  session.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
    began ??= timestamp;
    all.set(requestId, { what: `${request.method} ${new URL(request.url).pathname}`, from: timestamp - began, to: NaN });
  });
  session.on("Network.responseReceived", ({ response }) => {
    bytes += Number(Object.entries(response.headers).find(([name]) => name.toLowerCase() === "content-length")?.[1] ?? 0);
  });
  session.on("Network.loadingFinished", ({ requestId, timestamp }) => {
    const one = all.get(requestId);
    if (one) one.to = timestamp - (began ?? timestamp);
  });
  await session.send("Network.enable");
  return { bytes: () => Promise.all(asking).then(() => bytes), requests: () => [...all.values()] };
}

async function lengthOf(url: string): Promise<number> {
  const { headers } = await fetch(url, { method: "HEAD", headers: { "Accept-Encoding": "gzip" } });
  return Number(headers.get("Content-Length") ?? 0);
}

/** A phone far away from its mast. */
export const slowLine = { kbit: 400, latency: 2000, cpu: 4 } as const;

/** slow makes line and processor of a page as slow as that. */
export async function slow(page: Page, { kbit, latency, cpu }: { kbit: number; latency: number; cpu: number }): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const throughput = (kbit * 1000) / 8;
  await session.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: throughput, uploadThroughput: throughput });
  await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
  return session;
}
