/** What our scripts say on a page's console. Each message has a code, which docs/reference/errors.md explains. */
const REPORTS = {
  openai_client_failed: "OpenAI's ChatKit did not come up; the chat opens with the built-in client.",
  chat_not_loaded: "The chat could not be loaded.",
  embed_not_shown: "The embedded chat is not shown.",
  embed_problem: "The embedded chat has a problem.",
  page_failed: "A function that this page gave to the chat failed.",
  listener_failed: "A listener that this page gave to the chat failed.",
  call_not_understood: "This call of chatplatform() is not understood.",
} as const;

export function report(level: "info" | "warn" | "error", code: keyof typeof REPORTS, ...details: unknown[]): void {
  console[level](`chatplatform: ${REPORTS[code]} [${code}]`, ...details);
}
