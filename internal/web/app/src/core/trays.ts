// Trays, where partners put what they bring her (docs/protocol.md section 17; in Go api/client/tray.go), and what she took back of it. All of
// this is the vault's word: no statement of hers is about it, because a chain that named her partners would tell whoever gets hold of it.
import { post } from "./call.ts";
import type { Client } from "./client.ts";
import { pages } from "./pages.ts";
import { boolean, list, maybe, object, string, whole, type Of } from "./shape.ts";

const tray = object({ tray: string, partner: string, day: whole, until: whole, closed: boolean, items: whole });

/** A tray of hers, by the vault's word. */
export type Tray = Of<typeof tray>;

const opened = object({ tray: string, code: string, until: whole });

/** openTray opens a tray for a partner. Whoever gets the code and her recipient can bring something, and does not learn who she is. */
export function openTray(c: Client, partner: string): Promise<Of<typeof opened>> {
  return post(c, "/v1/trays", { partner }, opened);
}

export function trays(c: Client): Promise<Tray[]> {
  return pages(c, "/v1/trays", object({ trays: list(tray) }), (p) => p.trays);
}

/** closeTray makes it take nothing more. What waits goes on waiting. */
export async function closeTray(c: Client, name: string): Promise<void> {
  await post(c, `/v1/trays/${name}/closing`, {}, object({ tray: string }));
}

const returned = object({ item: string, partner: string, day: whole, due: whole, acknowledged: maybe(whole), late: boolean });

/** What she took back of what a partner brought, and whether the partner has answered: the vault's word. */
export type Returned = Of<typeof returned>;

export function returns(c: Client): Promise<Returned[]> {
  return pages(c, "/v1/returns", object({ returns: list(returned) }), (p) => p.returns);
}
