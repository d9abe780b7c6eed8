// The account of this page: its worker, its client, and what is remembered of it while the page lives. Nothing outlives the page.
import { fromBase64url } from "../core/bytes.ts";
import { keysOf, newClient, type Client } from "../core/client.ts";
import { enrolled } from "../core/enrol.ts";
import { Failure } from "../core/failure.ts";
import { vault, vaultIdAt } from "../core/vault.ts";
import { here, hold } from "../ui/holder.ts";
import { language, place } from "../ui/places.ts";
import { connect, type VaultWorker, type WorkerKeys } from "../worker/client.ts";
import { spawn } from "../worker/spawn.ts";

/** An account whose keys are in a worker and that nobody has settled on yet. */
export interface Fresh {
  readonly vault: string;
  readonly worker: VaultWorker;
  readonly keys: WorkerKeys;
}

function start(): VaultWorker {
  const at = place("worker.js");
  if (at === undefined) throw new Failure("unavailable", "the worker is missing");
  const worker = spawn(at);
  return connect(worker, () => worker.terminate());
}

/** draw makes new keys in a worker of their own. */
export async function draw(): Promise<Fresh> {
  const id = await vaultIdAt(location.origin);
  const worker = start();
  return { vault: id, worker, keys: await worker.draw(fromBase64url(id)) };
}

/** settle makes fresh keys those of the page. */
export async function settle(fresh: Fresh): Promise<Client> {
  await fresh.keys.settle();
  const client = newClient({ server: location.origin, vault: fresh.vault, keys: fresh.keys, language: language() });
  hold({ client, end: () => fresh.worker.end() });
  return client;
}

/** mine is the client of the account that is open, and its keys. */
export function mine(): Client {
  const held = here();
  if (held === undefined) throw new Failure("no-keys");
  return held.client;
}

/** myKeys are the keys in the worker. */
export function myKeys(c: Client): WorkerKeys {
  return keysOf(c) as WorkerKeys;
}

/** asReader makes sure that the account is a reader's, or none yet: other-role is neither. */
export async function asReader(c: Client): Promise<"researcher" | ""> {
  await vault(c); // tells the time
  const role = await enrolled(c);
  if (role !== "" && role !== "researcher") throw new Failure("other-role");
  return role;
}
