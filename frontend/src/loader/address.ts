const NAME = "thread";

/** Puts the open thread into the address, so that a reload or a bookmark comes back to it. */
export function showThread(threadId: string | null): void {
  const url = new URL(location.href);
  if (threadId) url.searchParams.set(NAME, threadId);
  else url.searchParams.delete(NAME);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}
