// Where the files of this site are, from the data block that every page carries. A
// page names only files of its own site.

export type Language = "en" | "fr" | "ar" | "uk" | "ckb";

let places: Record<string, string> | undefined;

// place is the path of an asset ("worker.js", "words/tell", "list/en"), or nothing
// where the site has no such thing, such as a recording nobody has made yet.
export function place(name: string): string | undefined {
  places ??= JSON.parse(document.getElementById("places")?.textContent ?? "{}") as Record<string, string>;
  return places[name];
}

// language is the one this page is written in.
export function language(): Language {
  return document.documentElement.lang as Language;
}
