import type { ChatKitOptions, Command, Entity, OpenAIChatKit, Widgets } from "@openai/chatkit";
import type { PageConfig } from "./config";

interface Parts {
  config: PageConfig;
  fetch: typeof fetch;
  element: () => OpenAIChatKit | null;
  goTo: (url: string) => void;
}

type OurCommand = Command & { prompt: string };

/** The functions of the "@" and "/" menus, where the assistant has them: they ask the platform. */
export function menusOf({ config, fetch, element, goTo }: Parts): Pick<ChatKitOptions, "entities" | "commands"> {
  const { entities, commands } = config.options;
  const prompts = new Map<string, string>();

  async function get<T>(path: string, parameters: Record<string, string> = {}): Promise<T> {
    const url = new URL(path, location.origin);
    // The query of the API names the tenant on a shared host.
    url.search = new URL(config.options.api.url, location.origin).search;
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (await response.json()) as T;
  }

  return {
    ...(entities && {
      entities: {
        ...entities,
        onTagSearch: async (query: string) => (await get<{ entities: Entity[] }>(config.entitiesUrl, { q: query })).entities,
        onRequestPreview: async ({ id, data }: Entity) => {
          const kind = data?.["kind"];
          if (!kind) return { preview: null };
          const path = `${config.entitiesUrl}/${encodeURIComponent(kind)}/${encodeURIComponent(id)}/preview`;
          return get<{ preview: Widgets.BasicRoot }>(path).catch(() => ({ preview: null }));
        },
        onClick: ({ data }: Entity) => {
          const url = data?.["url"] && new URL(data["url"], location.href);
          // Whoever wrote the message wrote its address too: it must lead to a page of this host.
          if (url && url.origin === location.origin) goTo(url.href);
        },
      },
    }),
    ...(commands?.enabled && {
      commands: {
        ...commands,
        onSearch: async (query: string) => {
          const found = (await get<{ commands: OurCommand[] }>(config.commandsUrl, { q: query })).commands;
          return found.map(({ prompt, ...command }) => {
            prompts.set(command.id, prompt);
            return command;
          });
        },
        onSelect: async ({ id }: Command) => {
          await element()?.setComposerValue({ text: prompts.get(id) ?? "" });
          await element()?.focusComposer();
        },
      },
    }),
  };
}
