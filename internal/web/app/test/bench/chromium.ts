// What Chromium says of itself while it is measured, by the DevTools protocol: the bytes that came over the line, compressed as
// they were, and how to make line and processor slow.
import type { CDPSession, Page } from "playwright-core";

/** A meter counts everything that a page has received. */
export interface Meter {
  bytes(): number;
  /** requests lists them in the order in which they began, with the seconds from the beginning until they began and ended. */
  requests(): readonly { readonly what: string; readonly from: number; to: number }[];
}

/** meter begins to count. */
export async function meter(page: Page): Promise<Meter> {
  const session = await page.context().newCDPSession(page);
  const all = new Map<string, { what: string; from: number; to: number }>();
  let [bytes, began]: [number, number | undefined] = [0, undefined];
  session.on("Network.requestWillBeSent", ({ requestId, request, timestamp }) => {
    began ??= timestamp;
    all.set(requestId, { what: `${request.method} ${new URL(request.url).pathname}`, from: timestamp - began, to: NaN });
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength, timestamp }) => {
    bytes += encodedDataLength;
    const one = all.get(requestId);
    if (one) one.to = timestamp - (began ?? timestamp);
  });
  await session.send("Network.enable");
  return { bytes: () => bytes, requests: () => [...all.values()] };
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
