import type { Translator } from "../i18n";
import { ApiError, ConnectionError } from "../protocol/errors";

/** Something that went wrong, as it is shown: what happened, what to do, and a way to do it. */
export interface Problem {
  message: string;
  hint?: string | undefined;
  /** Where to sign in. */
  signInUrl?: string | undefined;
  retry?: (() => void) | undefined;
}

/** A hint that is an address on this site, rather than words. */
function asPath(hint: string | undefined): string | undefined {
  const match = hint?.match(/(?:^|\s)(\/(?!\/)[^\s"'<>]*)/);
  return match?.[1]?.replace(/[.,;]$/, "");
}

export function describeProblem(error: unknown, t: Translator["t"], retry?: () => void): Problem {
  if (error instanceof ConnectionError) {
    return { message: t("error.network"), hint: t("error.networkHint"), retry };
  }
  if (!(error instanceof ApiError)) return { message: t("error.generic"), retry };
  const { code, message, hint, status } = error;
  switch (code) {
    case "run_in_progress":
      return { message: t("error.busy"), hint: t("error.busyHint") };
    case "login_required": {
      const signInUrl = asPath(hint);
      return { message: t("error.login"), hint: signInUrl ? undefined : hint, signInUrl };
    }
    case "rate_limited":
      return { message: message || t("error.rate"), hint: hint || t("error.rateHint"), retry };
    case "too_large":
      return { message: message || t("error.tooLarge"), hint };
    case "access_blocked":
    case "access_suspended":
      // Trying again does not help: there is no button for it.
      return { message: t("error.blocked"), hint };
    case "not_found":
      return { message: t("error.notFound"), hint };
    default:
      return { message: message || t("error.generic"), hint, retry: status >= 400 ? retry : undefined };
  }
}
