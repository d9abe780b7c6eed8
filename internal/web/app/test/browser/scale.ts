// What comes down the line for files of the site, as a browser has it: every answer to the page and to its worker, as often as it
// comes, since nothing of the site is kept; in the coding that this browser asked for. The heads of answers are counted apart.
import assert from "node:assert/strict";
import { request as ask } from "node:http";
import type { Page, Request } from "playwright-core";

export interface Weight {
  readonly total: number; // bytes of bodies
  readonly heads: number; // bytes of the heads of the same answers, as HTTP/1.1 writes them
  readonly files: string[]; // each file with its bytes, the largest first
}

export interface Scale {
  /** read gives what has come since the last time: the site's own files, not what the API says. */
  read(): Promise<Weight>;
}

export function scale(page: Page): Scale {
  let come: Request[] = [];
  page.context().on("requestfinished", (request: Request) => come.push(request));
  return {
    read: async () => {
      const all = await Promise.all(come.filter((request) => !new URL(request.url()).pathname.startsWith("/v1/")).map(onWire));
      come = [];
      const sum = (of: (one: Answer) => number) => all.reduce((total, one) => total + of(one), 0);
      return { total: sum((one) => one.bytes), heads: sum((one) => one.head), files: all.sort((a, b) => b.bytes - a.bytes).map(({ bytes, path }) => `${String(bytes)} ${path}`) };
    },
  };
}

interface Answer {
  readonly path: string;
  readonly bytes: number;
  readonly head: number;
}

/** Chromium does not say how large a worker's script was. The vault answers the same to the same question: it is asked again, and
 *  the answer must be the one that the browser had, as far as the browser tells. */
async function onWire(request: Request): Promise<Answer> {
  const { pathname } = new URL(request.url());
  const headers = await request.allHeaders();
  const again = await fetched(request.url(), headers["accept-encoding"] ?? "gzip, deflate, br, zstd");
  const told = await (await request.response())?.headerValue("content-length");
  if (told) assert.equal(again.bytes, Number(told), `${pathname} came otherwise to the browser`);
  return { path: pathname, ...again };
}

function fetched(url: string, coding: string): Promise<{ bytes: number; head: number }> {
  return new Promise((resolve, reject) => {
    const asked = ask(url, { headers: { "accept-encoding": coding } }, (answer) => {
      const head = answer.rawHeaders.reduce((total, text) => total + Buffer.byteLength(text) + 2, "HTTP/1.1 200 OK\r\n\r\n".length);
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => (bytes += chunk.length));
      answer.on("end", () => resolve({ bytes, head }));
    });
    asked.on("error", reject);
    asked.end();
  });
}
