/** What the assistant may know about the page around the chat. The server cuts it to the same lengths again. */
export interface PageContext {
  url: string;
  title: string;
  description?: string;
  headings?: string[];
  selection?: string;
}

const MOST = { url: 2000, title: 300, description: 1000, selection: 4000, heading: 200, headings: 20 };

/**
 * Remembers what was selected on the page: a click into the chat ends the selection, though
 * it is what the question is about. Returns a function that reads the context of this moment.
 */
export function watchPage(chat: () => Element | null, page: Document = document): () => PageContext {
  let selection = "";
  page.addEventListener("selectionchange", () => {
    if (page.activeElement && page.activeElement === chat()) return;
    selection = page.getSelection()?.toString().trim() ?? "";
  });
  return () => {
    const description = page.querySelector<HTMLMetaElement>('meta[name="description"]')?.content.trim() ?? "";
    const headings = [...page.querySelectorAll("h1, h2, h3")]
      .map((heading) => heading.textContent.replace(/\s+/g, " ").trim().slice(0, MOST.heading))
      .filter(Boolean)
      .slice(0, MOST.headings);
    return {
      url: page.location.href.split("#", 1)[0]?.slice(0, MOST.url) ?? "",
      title: page.title.slice(0, MOST.title),
      ...(description ? { description: description.slice(0, MOST.description) } : {}),
      ...(headings.length ? { headings } : {}),
      ...(selection ? { selection: selection.slice(0, MOST.selection) } : {}),
    };
  };
}

/** Requests that the assistant answers, and that therefore carry the context. */
const ANSWERED = new Set([
  "threads.create",
  "threads.add_user_message",
  "threads.add_client_tool_output",
  "threads.add_structured_input",
  "threads.retry_after_item",
  "threads.custom_action",
]);

export interface ChatRequest {
  type: string;
  /** The body to send. */
  body: BodyInit | null | undefined;
}

/** Adds the context to a request of ChatKit; whatever else is sent stays as it is. */
export async function withContext(
  body: BodyInit | null | undefined,
  context: () => PageContext | Promise<PageContext>,
): Promise<ChatRequest> {
  if (typeof body !== "string") return { type: "", body };
  let request: { type?: unknown; metadata?: object };
  try {
    request = JSON.parse(body) as typeof request;
  } catch {
    return { type: "", body };
  }
  const type = typeof request?.type === "string" ? request.type : "";
  if (!ANSWERED.has(type)) return { type, body };
  return { type, body: JSON.stringify({ ...request, metadata: { ...request.metadata, page: await context() } }) };
}
