// Pages of Ogg (RFC 3533): one packet a page, and the checksum under each.

import { concat, utf8, type Bytes } from "../../core/bytes.ts";

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let r = i << 24;
  for (let bit = 0; bit < 8; bit++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  return r >>> 0;
});

/** oggSum is the checksum of a page whose own field of it is zero. */
export function oggSum(page: Uint8Array): number {
  let sum = 0;
  for (const byte of page) sum = ((sum << 8) ^ (table[((sum >>> 24) ^ byte) & 255] ?? 0)) >>> 0;
  return sum;
}

export interface Page {
  readonly flags: number;
  readonly granule: number; // samples so far
  readonly serial: number;
  readonly sequence: number;
  readonly packet: Uint8Array; // of less than 65,025 bytes
}

export function oggPage({ flags, granule, serial, sequence, packet }: Page): Bytes {
  const laces = Array.from({ length: Math.floor(packet.length / 255) + 1 }, (_, i) => Math.min(255, packet.length - i * 255));
  const head = new DataView(new ArrayBuffer(22));
  head.setUint8(1, flags);
  head.setBigUint64(2, BigInt(granule), true);
  head.setUint32(10, serial, true);
  head.setUint32(14, sequence, true);
  const page = concat(utf8("OggS"), new Uint8Array(head.buffer), Uint8Array.of(laces.length, ...laces), packet);
  new DataView(page.buffer).setUint32(22, oggSum(page), true);
  return page;
}
