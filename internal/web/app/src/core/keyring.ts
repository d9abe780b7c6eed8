// An account's keys, from its secret and its vault (docs/protocol.md section 7; in Go internal/keyring).
//
// Why no password hash: the secret is 128 random bits, so guessing costs 2^128 with any hash. Why the vault is in the salt: a
// server that swaps the stewards has another vault id, and her vault vanishes instead of misleading her. A steward's keys do
// not depend on a vault; the contexts cannot coincide, as they differ in length.
import { ed25519 } from "@noble/curves/ed25519.js";
import { base64url, concat, utf8, wipe, type Bytes } from "./bytes.ts";
import { hkdf256, sha256 } from "./digest.ts";
import { recipientOf } from "./hybrid.ts";

/** What an account signs and opens with. Keep it inside the worker. */
export interface Keyring {
  readonly publicKey: Bytes; // Ed25519
  readonly thumbprint: string; // the account
  readonly recipient: string; // age1pq1…
  readonly seed: Bytes; // of the age identity
  sign(message: Uint8Array): Bytes;
  wipe(): void;
}

/** steward stands in place of a vault id for keys that are a steward's. */
export const steward = utf8("steward");

/** saltOf separates vaults. */
export function saltOf(context: Uint8Array): Bytes {
  return sha256(concat(utf8("testimony-vault/v1"), Uint8Array.of(0), context));
}

/** derive makes the keys that a secret of 16 bytes has in a vault (32 bytes), or as a steward. */
export function derive(secret: Uint8Array, context: Uint8Array): Keyring {
  if (secret.length !== 16) throw new Error("not a secret of 16 bytes");
  if (context.length !== 32 && context.length !== steward.length) throw new Error("not a vault id");
  const salt = saltOf(context);
  const seed = hkdf256(secret, salt, utf8("age"));
  const signing = hkdf256(secret, salt, utf8("ed25519"));
  const publicKey = ed25519.getPublicKey(signing) as Bytes;
  return {
    publicKey,
    thumbprint: thumbprint(publicKey),
    recipient: recipientOf(seed),
    seed,
    sign: (message) => ed25519.sign(message, signing) as Bytes,
    wipe: () => wipe(seed, signing),
  };
}

/** thumbprint names an Ed25519 key (RFC 7638, RFC 8037). */
export function thumbprint(publicKey: Uint8Array): string {
  return base64url(sha256(utf8(`{"crv":"Ed25519","kty":"OKP","x":"${base64url(publicKey)}"}`)));
}
