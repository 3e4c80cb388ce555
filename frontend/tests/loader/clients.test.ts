import { beforeEach, describe, expect, it, vi } from "vitest";
import { bringUp, OTHER_TAG, type Steps, TAG } from "../../src/loader/clients";
import type { PageConfig } from "../../src/loader/config";
import { fill } from "./fill";

/** Stands for either client: ready as soon as it has options, unless told otherwise. */
class Fake extends HTMLElement {
  behaves: "well" | "mutely" | "badly" = "well";
  setOptions() {
    if (this.behaves === "well") queueMicrotask(() => this.dispatchEvent(new CustomEvent("chatkit.ready")));
    if (this.behaves === "badly") {
      const detail = { error: new Error("domain key") };
      queueMicrotask(() => this.dispatchEvent(new CustomEvent("chatkit.error", { detail })));
    }
  }
}
class Official extends Fake {}
class Open extends Fake {}

const config = (client: PageConfig["client"]) =>
  ({ client, officialUrl: "https://cdn.example/chatkit.js", openUrl: "/client.js", readyTimeoutMs: 40 }) as PageConfig;

const importModule = vi.fn(async () => ({ ChatKitElement: Open }));
const steps: Steps = { configure: (element) => element.setOptions({} as never), importModule };

function place(): HTMLElement {
  fill(`<${TAG} id="chatkit" class="chatkit"></${TAG}>`);
  return document.querySelector(TAG) as HTMLElement;
}

/** What the network makes of the next script. A name is defined only once, so that the order of the tests matters. */
function scripts(outcome: "error" | "hangs") {
  document.head.append = ((node: Node) => {
    if (outcome === "error") queueMicrotask(() => node.dispatchEvent(new Event("error")));
  }) as typeof document.head.append;
}

beforeEach(() => {
  sessionStorage.clear();
  importModule.mockClear();
  vi.spyOn(console, "info").mockImplementation(() => undefined);
});

describe("before any client is defined", () => {
  it("says no when only OpenAI's client may come and does not", async () => {
    scripts("error");
    await expect(bringUp(config("openai"), place(), steps)).rejects.toThrow("could not be loaded");
    scripts("hangs");
    await expect(bringUp(config("openai"), place(), steps)).rejects.toThrow("not ready after 40 ms");
    expect(importModule).not.toHaveBeenCalled();
  });
});

describe("where OpenAI's client is defined", () => {
  it("uses it", async () => {
    customElements.define(TAG, Official);
    const { element, client } = await bringUp(config("auto"), place(), steps);
    expect(client).toBe("openai");
    expect(element).toBeInstanceOf(Official);
    expect(importModule).not.toHaveBeenCalled();
  });

  it.each(["mutely", "badly"] as const)("puts ours in its place when it behaves %s", async (behaves) => {
    const placed = place();
    (placed as Fake).behaves = behaves;
    const { element, client } = await bringUp(config("auto"), placed, steps);
    expect(client).toBe("open");
    expect(element).toBeInstanceOf(Open);
    expect(element.localName).toBe(OTHER_TAG);
    expect(document.getElementById("chatkit")).toBe(element);
    expect(element.className).toBe("chatkit");
  });

  it("does not wait again on the next page", async () => {
    const placed = place();
    (placed as Fake).behaves = "mutely";
    await bringUp(config("auto"), placed, steps);
    const waiting = vi.fn();
    const { client } = await bringUp(config("auto"), place(), { ...steps, waiting });
    expect(client).toBe("open");
    expect(waiting).not.toHaveBeenCalled();
  });

  it("does not wait without a network", async () => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    expect((await bringUp(config("auto"), place(), steps)).client).toBe("open");
    vi.restoreAllMocks();
  });
});

describe("our own client", () => {
  it("is taken at once where the page asks for it", async () => {
    const waiting = vi.fn();
    expect((await bringUp(config("open"), place(), { ...steps, waiting })).client).toBe("open");
    expect(waiting).not.toHaveBeenCalled();
  });

  it("says no when it cannot be loaded", async () => {
    importModule.mockRejectedValueOnce(new TypeError("offline"));
    await expect(bringUp(config("open"), place(), steps)).rejects.toThrow("offline");
  });
});
