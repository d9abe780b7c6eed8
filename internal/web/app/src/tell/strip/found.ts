// What a device wrote into a file beside the picture and the sound, as she is told of it.

export const traces = ["place", "time", "device", "person", "text", "preview", "program", "profile", "behind", "other"] as const;
export type Trace = (typeof traces)[number];

/** One thing that was found. value is what it said, where that can be read. */
export interface Found {
  readonly trace: Trace;
  readonly value: string;
}

const most = 12; // enough to tell her; a file could be made to hold a million

/** note adds something once. */
export function note(list: Found[], trace: Trace, value = ""): void {
  const text = plain(value);
  if (list.length >= most || list.some((f) => f.trace === trace && (f.value === text || text === ""))) return;
  const silent = list.findIndex((f) => f.trace === trace && f.value === "");
  if (silent >= 0) list.splice(silent, 1);
  list.push({ trace, value: text });
}

/** plain keeps what can be shown: files are written by anybody. */
export function plain(value: string): string {
  const text = value.replace(/[\p{Cc}\p{Cf}\u2028\u2029\ufffd]/gu, " ").replace(/\s+/g, " ").trim();
  return [...text].slice(0, 60).join("");
}
