/** Shows a stored conversation in the real client, and one answer of it as it was written. */
import type { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit";
import type { OpenOptions } from "../client/options/extensions";
import { RecordedApi, type Recording } from "./recording";

interface ViewerConfig extends Recording {
  openUrl: string;
  /** The assistant's own options, as far as they change how things look. */
  options: Pick<ChatKitOptions, "theme" | "locale">;
}

const text = document.getElementById("chatkit-viewer")?.textContent;
const element = document.querySelector<OpenAIChatKit & { openOptions: OpenOptions }>("openai-chatkit[data-viewer]");
if (text && element) void show(JSON.parse(text) as ViewerConfig, element);

async function show(config: ViewerConfig, element: OpenAIChatKit & { openOptions: OpenOptions }): Promise<void> {
  const api = new RecordedApi(config);
  const { theme } = config.options;
  await (import(/* @vite-ignore */ config.openUrl) as Promise<unknown>);
  element.openOptions = { readOnly: true };
  const draw = () =>
    element.setOptions({
      ...config.options,
      theme: { ...(typeof theme === "object" ? theme : {}), colorScheme: schemeOfPage() },
      header: { enabled: false },
      history: { enabled: false },
      threadItemActions: { feedback: false, retry: false },
      initialThread: config.thread.id,
      api: { url: "/", domainKey: "local", fetch: api.fetch },
    });
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme", "class"] });
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-replay]")) {
    button.addEventListener("click", () => {
      api.speed = Number(button.dataset["replay"]);
      void element.setThreadId(config.thread.id);
    });
  }
}

function schemeOfPage(): "light" | "dark" {
  const root = document.documentElement;
  return root.dataset["theme"] === "dark" || root.classList.contains("dark") ? "dark" : "light";
}
