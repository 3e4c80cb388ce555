/** Where a session with a draft is opened. */
export interface Preview {
  sessionUrl: string;
  csrf: string;
  runsUrl: string;
}

/** A `fetch` with the credential of a session of its own: the cookie of this browser's chats is another matter. */
export function previewFetch(preview: Preview, fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis)): typeof fetch {
  let secret: Promise<string> | null = null;
  const mint = async () => {
    const response = await fetch(preview.sessionUrl, { method: "POST", headers: { "X-CSRFToken": preview.csrf } });
    if (!response.ok) throw new Error(`The preview could not be opened: ${response.status}`);
    return ((await response.json()) as { client_secret: string }).client_secret;
  };
  return async (input, init) => {
    secret ??= mint();
    const headers = new Headers(init?.headers);
    try {
      headers.set("Authorization", `Bearer ${await secret}`);
    } catch (error) {
      secret = null;
      throw error;
    }
    const response = await fetch(input, { ...init, headers, credentials: "omit" });
    // The next request opens a new one.
    if (response.status === 401) secret = null;
    return response;
  };
}
