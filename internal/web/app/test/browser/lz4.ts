// What Firefox writes about a session is compressed (mozLz40: eight letters, the length, one LZ4 block): who searches a profile without
// unpacking it finds nothing, whatever is there.
const mark = "mozLz40\0";

/** unpacked gives what a file says: itself, unless Firefox compressed it. A file that is still being written may be broken off. */
export function unpacked(bytes: Buffer): Buffer {
  if (bytes.length < 12 || bytes.subarray(0, 8).toString("latin1") !== mark) return bytes;
  return block(bytes.subarray(12), Math.min(bytes.readUInt32LE(8), 64 << 20));
}

function block(from: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let [at, to] = [0, 0];
  const long = (n: number): number => {
    if (n < 15) return n;
    let byte: number;
    do n += byte = from[at++] ?? 0;
    while (byte === 255);
    return n;
  };
  while (at < from.length && to < size) {
    const token = from[at++] ?? 0;
    const letters = long(token >> 4);
    from.copy(out, to, at, at + letters);
    at += letters;
    to += letters;
    if (at >= from.length) break;
    const back = from.readUInt16LE(at);
    at += 2;
    if (back === 0 || back > to) break;
    for (let left = long(token & 15) + 4; left > 0 && to < size; left--, to++) out[to] = out[to - back] ?? 0;
  }
  return out.subarray(0, to);
}
