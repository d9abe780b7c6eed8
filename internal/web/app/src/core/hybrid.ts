// The post-quantum recipients of age (c2sp.org/age, "The hybrid recipient type": MLKEM768-X25519, written age1pq1…), for one
// file key and one recipient. It stands here, and not in a library's class, because a header must be made for a *given* file
// key, identities must be bytes that can be overwritten, and because a phone should not load scrypt, WebAuthn and P-256.
//
// Why it is safe: nothing here is a cipher. ML-KEM-768, X25519, SHA-3, HKDF and ChaCha20-Poly1305 are noble's; this file puts
// them together as two documents say, without a choice of its own:
//   KEM   X-Wing (draft-connolly-cfrg-xwing-kem): shared = SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label). It is secure as long
//         as either of its halves is.
//   HPKE  RFC 9180, base mode, KEM 0x647a, HKDF-SHA-256, ChaCha20-Poly1305, one message. Every wrapping has a fresh
//         encapsulation, hence a fresh key: the nonce is never used twice.
// The tests hold it against age-encryption, against the stock age program and against Go, in both directions.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { fromBech32, toBech32 } from "./bech32.ts";
import { concat, utf8, wipe, type Bytes } from "./bytes.ts";
import { expand256, prk256 } from "./digest.ts";

const pointSize = 32;
const kemPublic = 1184;
const kemShare = 1088;
/** shareSize is the length of an encapsulation. */
export const shareSize = kemShare + pointSize;

const prefix = "age1pq";
const kemLabel = utf8("\\.//^\\");
const info = utf8("age-encryption.org/mlkem768x25519");
const suite = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3));

/** A file key as a stanza carries it. */
export interface Wrapped {
  readonly share: Bytes;
  readonly body: Bytes; // 32 bytes
}

/** recipientOf is the public half of an identity seed, as age writes it. */
export function recipientOf(seed: Uint8Array): string {
  const keys = expandSeed(seed);
  const text = toBech32(prefix, concat(keys.kem.publicKey, keys.point));
  forget(keys);
  return text;
}

/** identityOf is the text of the identity, AGE-SECRET-KEY-PQ-1…, which stock age takes with -i. Show it only where its owner
 *  asked for it: a string cannot be overwritten. */
export function identityOf(seed: Uint8Array): string {
  return toBech32("age-secret-key-pq-", seed).toUpperCase();
}

/** parseRecipient gives the public key of a recipient, in its one spelling, or throws. */
export function parseRecipient(recipient: string): Bytes {
  const key = fromBech32(prefix, recipient);
  if (key.length !== kemPublic + pointSize) throw new Error("not a recipient");
  return key;
}

/** wrap gives a file key to a recipient. Each call draws its own randomness. */
export function wrap(fileKey: Uint8Array, recipient: string): Wrapped {
  const key = parseRecipient(recipient);
  const point = key.subarray(kemPublic);
  const ephemeral = crypto.getRandomValues(new Uint8Array(pointSize));
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(key.subarray(0, kemPublic));
  const share = concat(cipherText, x25519.getPublicKey(ephemeral));
  const dh = x25519.getSharedSecret(ephemeral, point); // throws at points of low order
  const shared = combine(sharedSecret, dh, share.subarray(kemShare), point);
  const body = once(shared, (cipher) => cipher.encrypt(fileKey));
  wipe(ephemeral, sharedSecret, dh, shared);
  return { share, body };
}

/** unwrap gives the file key of a stanza, or undefined when it is not for this identity. */
export function unwrap(stanza: Wrapped, seed: Uint8Array): Bytes | undefined {
  const keys = expandSeed(seed);
  const ct = stanza.share.subarray(kemShare);
  const inner = ml_kem768.decapsulate(stanza.share.subarray(0, kemShare), keys.kem.secretKey);
  const dh = x25519.getSharedSecret(keys.scalar, ct);
  const shared = combine(inner, dh, ct, keys.point);
  try {
    return once(shared, (cipher) => cipher.decrypt(stanza.body));
  } catch {
    return undefined;
  } finally {
    wipe(inner, dh, shared);
    forget(keys);
  }
}

type Expanded = ReturnType<typeof expandSeed>;

function expandSeed(seed: Uint8Array) {
  const expanded = shake256(seed, { dkLen: 96 });
  const kem = ml_kem768.keygen(expanded.subarray(0, 64));
  const scalar = expanded.slice(64);
  wipe(expanded);
  return { kem, scalar, point: x25519.getPublicKey(scalar) };
}

function forget(keys: Expanded): void {
  wipe(keys.kem.secretKey, keys.scalar);
}

function combine(inner: Uint8Array, dh: Uint8Array, ct: Uint8Array, point: Uint8Array): Uint8Array {
  return sha3_256(concat(inner, dh, ct, point, kemLabel));
}

type Cipher = ReturnType<typeof chacha20poly1305>;

/** once is HPKE's key schedule (RFC 9180, section 5.1) for the only message of a context. */
function once(shared: Uint8Array, use: (cipher: Cipher) => Uint8Array): Bytes {
  const none = new Uint8Array(0);
  const context = concat(Uint8Array.of(0), labeledExtract(none, "psk_id_hash", none), labeledExtract(none, "info_hash", info));
  const secret = labeledExtract(shared, "secret", none);
  const key = labeledExpand(secret, "key", context, 32);
  const nonce = labeledExpand(secret, "base_nonce", context, 12);
  try {
    return use(chacha20poly1305(key, nonce)) as Bytes;
  } finally {
    wipe(secret, key);
  }
}

function labeledExtract(salt: Uint8Array, label: string, ikm: Uint8Array): Bytes {
  return prk256(concat(utf8("HPKE-v1"), suite, utf8(label), ikm), salt);
}

function labeledExpand(prk: Uint8Array, label: string, context: Uint8Array, length: number): Bytes {
  return expand256(prk, concat(Uint8Array.of(length >> 8, length & 255), utf8("HPKE-v1"), suite, utf8(label), context), length);
}
