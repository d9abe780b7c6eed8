// One header block of a ustar archive (POSIX.1-1988): a plain file, mode 0400, no owner, no time. Two containers with the same
// member names and sizes have the same headers, whoever made them, when and where.
import { utf8, type Bytes } from "./bytes.ts";

export const blockSize = 512;

/** padded rounds up to whole blocks. */
export const padded = (size: number): number => Math.ceil(size / blockSize) * blockSize;

/** block is the header of a member. */
export function block(name: string, size: number): Bytes {
  const out = new Uint8Array(blockSize);
  const put = (at: number, field: string) => out.set(utf8(field), at);
  put(0, name);
  put(100, "0000400\0"); // mode
  put(108, "0000000\0"); // uid
  put(116, "0000000\0"); // gid
  put(124, size.toString(8).padStart(11, "0") + "\0");
  put(136, "00000000000\0"); // mtime
  put(156, "0"); // a plain file
  put(257, "ustar\u000000");
  put(329, "0000000\0"); // device major
  put(337, "0000000\0"); // device minor
  put(148, " ".repeat(8)); // its checksum counts as blanks
  put(148, out.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ");
  return out;
}

/** sizeIn reads the size field. What it accepts too freely is caught by the caller, who writes the block again and compares. */
export function sizeIn(header: Uint8Array): number {
  return header.subarray(124, 135).reduce((size, digit) => size * 8 + ((digit - 0x30) & 7), 0);
}
