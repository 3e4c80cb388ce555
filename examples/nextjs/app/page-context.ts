/** What the assistant may know of the page, and what it may ask of it. */

/** Adds the page to a request of ChatKit. It is data for the model, and is bounded and marked as such by chatplatform. */
export function withPage(body: RequestInit["body"]): RequestInit["body"] {
  if (typeof body !== "string") return body;
  const request = JSON.parse(body) as { metadata?: object };
  const headings = [...document.querySelectorAll("h1, h2")].map((heading) => heading.textContent ?? "").slice(0, 20);
  const page = { url: location.href, title: document.title, headings, selection: String(getSelection() ?? "") };
  return JSON.stringify({ ...request, metadata: { ...request.metadata, page } });
}

/** Tools that run in this page, by their names. */
export const clientTools: Record<string, (parameters: Record<string, unknown>) => Record<string, unknown>> = {
  page_title: () => ({ title: document.title, url: location.href }),
};
