// Failures in the words of the page: what is safe, and what to do. The words are
// "trouble.*", by the code of the failure; codes without words of their own are told by
// their kind. What the vault itself wrote is never shown.

import { codeOf, untrusted } from "../core/failure.ts";
import { t, type Key } from "./texts.ts";

const told = [
  "unavailable", "stopped", "not-enrolled", "other-role", "other-file", "said-otherwise", "quota", "too-large", "too-many",
  "wrong-vault", "by-invitation", "too-hard", "file-changed", "not-found", "busy-chain",
] as const;

/** trouble says what a failure means to her. */
export function trouble(error: unknown): string {
  const code = codeOf(error);
  const known = told.find((one) => one === code);
  if (known) return t(("trouble." + known) as Key);
  return untrusted(error) ? t("trouble.untrusted") : t("trouble.other");
}
