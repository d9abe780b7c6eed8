// Somebody with a secret in a vault, in node: the keys run in place, without a worker.
import { fromBase64url } from "../src/core/bytes.ts";
import { newClient, type Client, type Config } from "../src/core/client.ts";
import { derive, steward as stewardContext } from "../src/core/keyring.ts";
import { keysOf } from "../src/core/keys.ts";
import { newSecret } from "../src/core/phrase.ts";
import type { Content } from "../src/core/testimonies.ts";

export interface Where {
  url: string;
  vault: string;
}

export interface Somebody {
  secret: Uint8Array;
  c: Client;
  /** anew is the same person on another device, knowing nothing. */
  anew(more?: Partial<Config>): Client;
}

/** somebody has keys in the vault, of a fresh secret unless one is given. */
export function somebody(where: Where, secret: Uint8Array = newSecret(), more: Partial<Config> = {}): Somebody {
  const anew = (again: Partial<Config> = {}) =>
    newClient({ server: where.url, vault: where.vault, keys: keysOf(derive(secret, fromBase64url(where.vault))), ...again });
  return { secret, c: anew(more), anew };
}

/** aSteward has keys that do not depend on a vault. */
export function aSteward(where: Where, secret: Uint8Array): Somebody {
  const anew = (again: Partial<Config> = {}) =>
    newClient({ server: where.url, vault: where.vault, keys: keysOf(derive(secret, stewardContext)), ...again });
  return { secret, c: anew(), anew };
}

/** written is a text as a part. */
export function written(text: string, name = ""): Content {
  return { info: { media_type: "text/plain; charset=utf-8", name, kind: "original", derived_from: 0 }, blob: new Blob([text]) };
}

/** recorded is so many bytes that repeat nowhere, as a part: the same ones for the same seed. */
export function recorded(size: number, name: string, seed = 1): Content {
  const bytes = new Uint8Array(size);
  let state = seed >>> 0;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return { info: { media_type: "audio/ogg", name, kind: "original", derived_from: 0 }, blob: new Blob([bytes]) };
}
