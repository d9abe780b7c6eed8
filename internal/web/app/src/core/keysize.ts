// The length of the sealed payload of a content, known before a byte of it is read.
import { containerSize } from "./container.ts";
import { encodeInfo } from "./partinfo.ts";
import type { PartInfo } from "./sealer.ts";
import { payloadSize } from "./sizes.ts";

/** sizeOf counts the container, its filling, nonce and tags. */
export function sizeOf(info: PartInfo, size: number): number {
  return payloadSize(containerSize(encodeInfo(info).length, size));
}
