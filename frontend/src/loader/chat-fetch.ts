import { problemOf } from "./errors";
import { type PageContext, withContext } from "./page-context";
import type { ChatSession } from "./session";

export interface ChatFetchOptions {
  fetch: typeof fetch;
  session: Pick<ChatSession, "start" | "renew" | "signInUrl" | "refusal">;
  context: () => PageContext | Promise<PageContext>;
  locale: () => string;
  now?: () => number;
  /** The reader has to sign in; the request is answered with `login_required` all the same. */
  onLoginRequired?: (signInUrl: string) => void;
  /** Sees each answer, with the type of the request and its signal; may put another in its place. */
  observe?: (type: string, response: Response, signal: AbortSignal | null) => Response;
}

/** The first may have been another tab's, which did not succeed. */
const MOST_RENEWALS = 2;

/** `api.fetch` of ChatKit: the cookie goes along, the page is described, and a session that ran out is renewed. */
export function createChatFetch(options: ChatFetchOptions): typeof fetch {
  const { session, now = Date.now } = options;
  return async (input, init = {}) => {
    const request = await withContext(init.body, options.context);
    // Whatever headers ChatKit sets belong to its protocol and stay.
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
    if (!headers.has("Accept-Language")) headers.set("Accept-Language", options.locale());
    const send = () =>
      options.fetch(input instanceof Request ? input.clone() : input, {
        ...init,
        ...(request.body === undefined ? {} : { body: request.body }),
        headers,
        credentials: "same-origin",
      });

    await session.start();
    let sentAt = now();
    let response = await send();
    for (let renewals = 0; response.status === 401 && renewals < MOST_RENEWALS; renewals++) {
      const { code } = await problemOf(response);
      if (!(await session.renew(code, sentAt))) break;
      sentAt = now();
      response = await send();
    }
    if (response.status === 401 && session.signInUrl) {
      options.onLoginRequired?.(session.signInUrl);
      return loginRequired(session.signInUrl);
    }
    // That no session was sent is for programmers; why there is none helps.
    if (response.status === 401 && session.refusal) return session.refusal.clone();
    return options.observe?.(request.type, response, init.signal ?? null) ?? response;
  };
}

/** The platform's own words for "sign in", with the way back to this page as the hint. */
function loginRequired(signInUrl: string): Response {
  const message = "Please sign in to use this assistant.";
  return Response.json({ error: { code: "login_required", message, hint: signInUrl } }, { status: 401 });
}
