// The pages of the site, for tests that hold of all of them.
export const languages = ["en", "fr", "ar", "uk", "ckb"] as const;
export const readable = ["/", "/help", "/about"] as const; // without scripts, without an account
export const working = ["/notes", "/read", "/team"] as const;

/** everyPage lists every page of the site that a person can come to. */
export function everyPage(): string[] {
  return ["/", "/blank", ...languages.flatMap((language) => [...readable, ...working].map((path) => `/${language}${path}`))];
}

/** readablePages are those that are whole without scripts. */
export function readablePages(): string[] {
  return ["/", ...languages.flatMap((language) => readable.map((path) => `/${language}${path}`))];
}
