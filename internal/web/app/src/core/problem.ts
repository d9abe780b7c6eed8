// Refusals of the vault (docs/protocol.md section 6): problem+json becomes a Failure with a code that screens translate. What
// is no problem document says no more than its status: it comes from something between here and the vault.
import { parse } from "./canonical.ts";
import { Failure, type Code, type Problem } from "./failure.ts";
import { maybe, object, string, whole } from "./shape.ts";

const prefix = "urn:testimony-vault:problem:";

const document = object({
  type: string,
  title: string,
  detail: maybe(string),
  head: maybe(object({ seq: whole, sha256: string })),
  limit: maybe(whole),
});

/** Names whose meaning has a code of its own. */
const codes: Readonly<Record<string, Code>> = {
  "enrol-first": "not-enrolled",
  quota: "quota",
  "too-large": "too-large",
  "reader-silent": "reader-silent",
  "terms-forbid-export": "no-export",
};

/** failureOf reads a refusal. */
export async function failureOf(response: Response, method: string): Promise<Failure> {
  const problem = await problemOf(response, method);
  const after = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Failure(codeOf(problem), problem.name, { problem, ...(after > 0 ? { retryAfter: after } : {}) });
}

function codeOf(problem: Problem): Code {
  if (problem.status === 404) return "not-found";
  if (problem.status === 429) return "too-many";
  if ([408, 502, 503, 504].includes(problem.status)) return "unavailable";
  return codes[problem.name] ?? "vault-refused";
}

async function problemOf(response: Response, method: string): Promise<Problem> {
  const { status } = response;
  if (method === "HEAD") return { name: bodiless(response), status, title: "", detail: "" };
  try {
    if (response.headers.get("Content-Type") !== "application/problem+json") throw new TypeError("no problem document");
    const read = document(parse(await response.text()));
    const name = read.type.startsWith(prefix) ? read.type.slice(prefix.length) : "";
    const { head, limit } = read;
    return { name, status, title: printable(read.title), detail: printable(read.detail ?? ""),
      ...(head === undefined ? {} : { head }), ...(limit === undefined ? {} : { limit }) };
  } catch {
    return { name: "", status, title: "", detail: "" };
  }
}

/** bodiless is the problem of an answer to HEAD, which has no room for a document (RFC 9449, section 8). */
function bodiless(response: Response): string {
  if (response.status !== 401) return "";
  return (response.headers.get("WWW-Authenticate") ?? "").includes('error="use_dpop_nonce"') ? "use-dpop-nonce" : "unauthorized";
}

/** printable keeps a vault's words from turning the text around them. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, " ");
}
