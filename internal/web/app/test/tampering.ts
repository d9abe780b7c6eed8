// A vault that lies: a fetch that changes answers on their way. What a client must notice is what anybody on the server could do.

type Json = Record<string, unknown>;

/** tampering changes JSON answers to one path (a text without its query, or a pattern), and sets headers of them. change may give
 *  another answer, or change the one it gets. */
export function tampering(
  path: string | RegExp, change: (answer: Json) => Json | void, headers: Readonly<Record<string, string>> = {}, method?: string,
): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    const meant = typeof path === "string" ? url.pathname === path : path.test(url.pathname);
    if (!meant || !response.ok || (method !== undefined && init?.method !== method)) return response;
    const all = new Headers(response.headers);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    if (!(response.headers.get("Content-Type") ?? "").startsWith("application/json")) {
      return new Response(response.body, { status: response.status, headers: all });
    }
    const answer = (await response.json()) as Json;
    return new Response(JSON.stringify(change(answer) ?? answer), { status: response.status, headers: all });
  };
}

/** garbling changes the bytes of an answer. */
export function garbling(path: RegExp, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!path.test(new URL(input instanceof Request ? input.url : input).pathname) || !response.ok) return response;
    const bytes = change(new Uint8Array(await response.arrayBuffer()));
    const all = new Headers(response.headers);
    all.set("Content-Length", String(bytes.length));
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    return new Response(bytes, { status: response.status, headers: all });
  };
}
