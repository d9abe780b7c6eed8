// What went wrong, in words. Of an error only its code is looked at: nothing that a server wrote is shown.
import { codeOf, Failure } from "../core/failure.ts";
import { t, type Key } from "../ui/texts.ts";

/** because says why something could not be done, and how long to wait where the vault said so. */
export function because(error: unknown): string {
  const code = codeOf(error);
  const what = t(`fault.${code}` as Key); // "fault.*"
  const seconds = error instanceof Failure ? (error.retryAfter ?? 0) : 0;
  return seconds > 60 ? `${what} ${t("fault.wait", { count: Math.ceil(seconds / 60) })}` : what;
}
