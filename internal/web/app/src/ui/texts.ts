// The texts of the site, in the language of the page. A key that no catalogue has
// is refused by the type checker, and one that no script uses by the build.

import { isolated } from "./isolated.ts";
import { number } from "./numbers.ts";
import { language, place } from "./places.ts";
import { category } from "./plural.ts";

type Room<T> = keyof T & string;

// Key names a text of any catalogue.
export type Key =
  | Room<typeof import("../../words/en/common.json")>
  | Room<typeof import("../../words/en/start.json")>
  | Room<typeof import("../../words/en/tell.json")>
  | Room<typeof import("../../words/en/making.json")>
  | Room<typeof import("../../words/en/unlock.json")>
  | Room<typeof import("../../words/en/terms.json")>
  | Room<typeof import("../../words/en/mine.json")>
  | Room<typeof import("../../words/en/trays.json")>
  | Room<typeof import("../../words/en/notices.json")>
  | Room<typeof import("../../words/en/researcher.json")>
  | Room<typeof import("../../words/en/steward.json")>;

export type Values = Record<string, string | number>;
type Text = string | Record<string, string>;

const texts = new Map<string, Text>();

// loadTexts fetches the catalogues that a view needs, once each.
export async function loadTexts(...rooms: string[]): Promise<void> {
  await Promise.all(rooms.map(loadRoom));
}

const loaded = new Map<string, Promise<void>>();

function loadRoom(room: string): Promise<void> {
  const there = loaded.get(room);
  if (there) return there;
  const coming = fetchRoom(room).catch((cause: unknown) => {
    loaded.delete(room); // a line that broke is no reason to have no words for good
    throw cause;
  });
  loaded.set(room, coming);
  return coming;
}

async function fetchRoom(room: string): Promise<void> {
  const here = inPage()[room];
  if (here) {
    for (const [key, text] of Object.entries(here)) texts.set(key, text);
    return;
  }
  const path = place("words/" + room);
  if (!path) throw new Error("no catalogue " + room);
  const answer = await fetch(path);
  if (!answer.ok) throw new Error("catalogue " + room + ": " + String(answer.status));
  for (const [key, text] of Object.entries((await answer.json()) as Record<string, Text>)) texts.set(key, text);
}

let rooms: Record<string, Record<string, Text>> | undefined;

// inPage are the catalogues that came with the page itself.
function inPage(): Record<string, Record<string, Text>> {
  rooms ??= JSON.parse(document.getElementById("texts")?.textContent ?? "{}") as Record<string, Record<string, Text>>;
  return rooms;
}

// t is a text with its places filled in. A text with plural forms is chosen by the
// value "count". Numbers are written as the language writes them; what people wrote
// is isolated, so that its direction leaves the sentence alone.
export function t(key: Key, values: Values = {}): string {
  const text = texts.get(key) ?? key;
  return fill(typeof text === "string" ? text : form(text, values), values);
}

function form(forms: Record<string, string>, values: Values): string {
  const count = Number(values["count"] ?? 0);
  return forms[category(language(), count)] ?? forms["other"] ?? Object.values(forms)[0] ?? "";
}

function fill(text: string, values: Values): string {
  return text.replace(/\{([a-z_]+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : isolated(value);
  });
}
