// The tree hash and the payload nonce (docs/protocol.md section 8; in Go internal/envelope/tree.go and nonce.go).
//
// Why the nonce may be made of the content: what must never happen is that two different chunks are sealed under one payload
// key and number. The file key is random and made for one part; the nonce covers length and content of the whole plaintext, so
// another plaintext has another payload key; and the same plaintext has the same chunks, so sealing it again gives the same
// bytes, which tells nobody anything new. That it is the same is seen each time: a MiB is compared with its leaf before a
// byte of it is sealed (sealing.ts). Without the file key the nonce is 16 bytes as good as random.
import { concat, equal, uint64be, utf8, type Bytes } from "./bytes.ts";
import { hmac256, sha256 } from "./digest.ts";
import { Failure } from "./failure.ts";
import { nonceSize } from "./sizes.ts";

/** leafSize is how much plaintext one leaf covers: whole chunks. */
export const leafSize = 1 << 20;

const label = utf8("testimony-vault/v1/payload-nonce");

/** A plaintext as it was when it was read: its length and the SHA-256 of each MiB. */
export interface Tree {
  readonly size: number;
  readonly leaves: readonly Bytes[];
}

/** leafOf hashes a leaf. Web Crypto takes a copy at once: the buffer may be used again. */
export async function leafOf(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** leafCount counts the leaves; an empty plaintext has none. */
export const leafCount = (size: number): number => Math.ceil(size / leafSize);

/** checkLeaf throws file-changed unless this MiB is what it was. */
export async function checkLeaf(tree: Tree, index: number, bytes: Bytes): Promise<void> {
  const known = tree.leaves[index];
  if (known === undefined || !equal(known, await leafOf(bytes))) throw new Failure("file-changed");
}

/** treeHash has one reading only: the length comes first and says how many leaves of 32 bytes follow. */
export function treeHash(tree: Tree): Bytes {
  if (tree.leaves.length !== leafCount(tree.size)) throw new Error("not every leaf has been read");
  return sha256(concat(uint64be(tree.size), ...tree.leaves));
}

/** payloadNonce is the nonce of this plaintext under this file key. */
export function payloadNonce(fileKey: Uint8Array, tree: Tree): Bytes {
  return hmac256(fileKey, concat(label, treeHash(tree))).slice(0, nonceSize);
}
