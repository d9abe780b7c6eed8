// The commitment to a file key (docs/protocol.md section 8; in Go internal/envelope/commit.go, where the argument stands whole).
// age does not commit to its key: one payload and two crafted headers can open to two texts, with the same digest. So she signs,
// beside the digest, the MAC that age would put under a header naming that digest. Two readings would be a collision of
// SHA-256 in HMAC and HKDF. It tells nothing about the key, and no header is a commitment, nor the other way round: the texts
// differ. Opening needs both checks: the commitment does not look at the payload, the digest does not look at the key.
import { base64, equal, type Bytes } from "./bytes.ts";
import { Failure } from "./failure.ts";
import { headerMac } from "./header.ts";

/** commit binds a payload, named by its SHA-256, to the one file key that opens it. The result is public. */
export function commit(fileKey: Uint8Array, payloadSha256: Uint8Array): Bytes {
  return headerMac(fileKey, `age-encryption.org/v1\n-> testimony-vault/v1/commit ${base64(payloadSha256)}\n\n---`);
}

/** checkCommit throws `commitment` unless it was made with this key for the payload of this digest. */
export function checkCommit(fileKey: Uint8Array, payloadSha256: Uint8Array, committed: Uint8Array): void {
  if (!equal(commit(fileKey, payloadSha256), committed)) throw new Failure("commitment");
}
