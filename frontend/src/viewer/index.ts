/** Shows a stored conversation, one answer of it as it was written, or a draft of an assistant, in the real client. */
import type { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit";
import type { OpenOptions } from "../../package";
import { type Preview, previewFetch } from "./preview";
import { RecordedApi, type Recording } from "./recording";

interface Common {
  openUrl: string;
  options: Partial<ChatKitOptions>;
}
type ViewerConfig = Common & (Recording | { preview: Preview; options: ChatKitOptions });
type Viewer = OpenAIChatKit & { openOptions: OpenOptions };

const text = document.getElementById("chatkit-viewer")?.textContent;
const element = document.querySelector<Viewer>("openai-chatkit[data-viewer]");
if (text && element) void show(JSON.parse(text) as ViewerConfig, element);

async function show(config: ViewerConfig, element: Viewer): Promise<void> {
  await (import(/* @vite-ignore */ config.openUrl) as Promise<unknown>);
  const { theme } = config.options;
  const given = "preview" in config ? draft(config.options, config.preview, element) : recording(config, element);
  const draw = () =>
    element.setOptions({ ...given, theme: { ...(typeof theme === "object" ? theme : {}), colorScheme: schemeOfPage() } });
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme", "class"] });
}

/** A draft, which answers to whoever edits it. */
function draft(options: ChatKitOptions, preview: Preview, element: Viewer): ChatKitOptions {
  element.openOptions = { runsUrl: preview.runsUrl };
  return { ...options, api: { ...options.api, fetch: previewFetch(preview) } as ChatKitOptions["api"] };
}

/** What was stored: nothing in it does anything. */
function recording(config: Common & Recording, element: Viewer): ChatKitOptions {
  const api = new RecordedApi(config);
  element.openOptions = { readOnly: true };
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-replay]")) {
    button.addEventListener("click", () => {
      api.speed = Number(button.dataset["replay"]);
      void element.setThreadId(config.thread.id);
    });
  }
  return {
    ...config.options,
    header: { enabled: false },
    history: { enabled: false },
    threadItemActions: { feedback: false, retry: false },
    initialThread: config.thread.id,
    api: { url: "/", domainKey: "local", fetch: api.fetch },
  };
}

function schemeOfPage(): "light" | "dark" {
  const root = document.documentElement;
  return root.dataset["theme"] === "dark" || root.classList.contains("dark") ? "dark" : "light";
}
