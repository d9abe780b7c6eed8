// Lists in pages (RFC 8288, rel="next"; in Go api/client/pages.go). It ends: no page is asked for twice, and only the last
// may be empty. A link is taken only when it stays within the vault.
import type { Client } from "./client.ts";
import { json } from "./call.ts";
import { Failure } from "./failure.ts";
import type { Shape } from "./shape.ts";

const most = 10_000;

/** pages reads a whole list; entries picks it out of a page. */
export async function pages<P, E>(c: Client, path: string, shape: Shape<P>, entries: (page: P) => E[]): Promise<E[]> {
  const asked = new Set<string>();
  const all: E[] = [];
  for (let next = path; next !== ""; ) {
    if (asked.has(next) || asked.size === most) throw new Failure("nonsense", "its list has no end");
    asked.add(next);
    let behind = "";
    const page = await json(c, { method: "GET", path: next, signed: true, repeat: true }, shape, (headers) => {
      behind = nextOf(headers.get("Link") ?? "");
    });
    const found = entries(page);
    if (found.length === 0 && behind !== "") throw new Failure("nonsense", "a page of its list is empty and not the last");
    all.push(...found);
    next = behind;
  }
  return all;
}

function nextOf(header: string): string {
  for (const link of header.split(",")) {
    const match = /^\s*<(\/v1\/[^<>\s]*)>(.*)$/.exec(link);
    if (match?.[2]?.includes('rel="next"') === true) return match[1] ?? "";
  }
  return "";
}
