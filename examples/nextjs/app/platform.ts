/** What only the server of this page knows of chatplatform. */
import "server-only";

/** Read when it is needed: the built application runs at any address. */
export const platform = () => process.env["CHATPLATFORM_URL"] ?? "http://127.0.0.1:8000";

export const TENANT = "acme";

/** The chat session of a reader, in a cookie of this site that no script sees. */
export const COOKIE = "chat_session";

/** Opens a session and returns its secret, which stays between the two servers. */
export async function openSession(): Promise<string> {
  const response = await fetch(`${platform()}/api/chatkit/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ tenant: TENANT, credential: "client_secret" }),
  });
  if (!response.ok) throw new Error(`chatplatform opened no session: ${response.status}`);
  const { client_secret } = (await response.json()) as { client_secret: string };
  return client_secret;
}
