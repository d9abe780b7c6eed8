// X25519 points of low order, in each of their encodings (in Go internal/envelope/point.go). With those the shared secret is the
// same for everybody: a classic file key would be open to all and a hybrid one robbed of its classic half. The curve and its
// twist have five such u-coordinates; field elements are read modulo 2^255-19 with the top bit ignored (RFC 7748, section 5), so
// 0 and 1 have a second encoding each and all have a twin with the top bit set.
import { hex } from "./bytes.ts";

const low = new Set([
  "00".repeat(32),
  "01" + "00".repeat(31),
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ...["ec", "ed", "ee"].map((first) => first + "ff".repeat(30) + "7f"),
]);

/** lowOrder says whether 32 bytes are one of them. */
export function lowOrder(point: Uint8Array): boolean {
  const masked = Uint8Array.from(point);
  masked[31] = (masked[31] ?? 0) & 0x7f;
  return low.has(hex(masked));
}
