export type ClientTool = (params: Record<string, unknown>) => unknown;

/** The tools that the assistant may use in the reader's browser, by name. */
export class ClientTools {
  private readonly tools = new Map<string, ClientTool>([
    ["page_title", () => ({ title: document.title, url: location.href })],
  ]);

  /** A later registration under the same name takes the place of the earlier one. */
  readonly register = (name: string, tool: ClientTool) => {
    if (typeof name !== "string" || !name || typeof tool !== "function") {
      throw new TypeError("registerClientTool needs a name and a function");
    }
    this.tools.set(name, tool);
  };

  /** `onClientTool` of ChatKit. The assistant always gets a result, so that its turn can go on. */
  readonly call = async ({ name, params }: { name: string; params: Record<string, unknown> }): Promise<Record<string, unknown>> => {
    const tool = this.tools.get(name);
    if (!tool) return { error: `This page has no tool named ${name}.` };
    try {
      const result = await tool(params ?? {});
      return typeof result === "object" && result !== null ? (result as Record<string, unknown>) : { result: result ?? null };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };
}
