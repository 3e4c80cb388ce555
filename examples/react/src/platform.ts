/** How a page talks to chatplatform: the session, and what the assistant may know of the page. */

export const TENANT = "acme";
const API = "/api/chatkit";

/** Loads the client. Rejects when its script is blocked or too slow, so that the page can say so and is not left blank. */
export function loadClient(milliseconds = 15_000): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () => reject(new Error("The chat could not be loaded."));
    const script = document.createElement("script");
    Object.assign(script, { type: "module", src: "/static/chatkit/client.js", onerror: fail });
    if (!customElements.get("openai-chatkit")) document.head.append(script);
    setTimeout(fail, milliseconds);
    void customElements.whenDefined("openai-chatkit").then(() => resolve());
  });
}

let session: Promise<unknown> | null = null;

/** Opens the chat session. Its token is an httpOnly cookie, which no script sees. */
function openSession(): Promise<unknown> {
  session = fetch(`${API}/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ tenant: TENANT }),
  });
  return session;
}

/** `api.fetch` of ChatKit: a session first, a new one when it has run out, and the page as context of the question. */
export async function chatFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("x-chatkit-tenant", TENANT);
  const send = () => fetch(input, { ...init, headers, body: withPage(init.body) });
  await (session ?? openSession());
  const response = await send();
  if (response.status !== 401) return response;
  await openSession();
  return send();
}

/** Context is data for the model, and is bounded and marked as such by the server. */
function withPage(body: RequestInit["body"]): RequestInit["body"] {
  if (typeof body !== "string") return body;
  const request = JSON.parse(body) as { metadata?: object };
  const page = { url: location.href, title: document.title, headings: headings(), selection: String(getSelection() ?? "") };
  return JSON.stringify({ ...request, metadata: { ...request.metadata, page } });
}

const headings = () => [...document.querySelectorAll("h1, h2")].map((heading) => heading.textContent ?? "").slice(0, 20);

/** What the assistant may ask of this page: tools that run here, by their names. */
export const clientTools: Record<string, (parameters: Record<string, unknown>) => Record<string, unknown>> = {
  page_title: () => ({ title: document.title, url: location.href }),
};
