import { afterEach, describe, expect, it, vi } from "vitest";
import { showThread } from "../../src/loader/address";
import { ClientTools } from "../../src/loader/client-tools";
import type { Permission } from "../../src/loader/permission";
import { readConfig, runUrl } from "../../src/loader/config";
import { watchPage } from "../../src/loader/page-context";
import { currentScheme, withScheme } from "../../src/loader/theme";
import { fill } from "./fill";

afterEach(() => {
  fill("");
  fill("", document.head);
  delete document.documentElement.dataset["theme"];
  history.replaceState(null, "", "/");
  document.title = "";
});

describe("the context of a page", () => {
  it("names the page, what it is about and its headings", () => {
    document.title = "Boots";
    document.head.insertAdjacentHTML("beforeend", '<meta name="description" content=" For hikers ">');
    fill("<h1>Boots\n  for all</h1><h2></h2><h3>Sizes</h3><h4>Too deep</h4>");
    history.replaceState(null, "", "/boots?size=42#reviews");
    expect(watchPage(() => null)()).toEqual({
      url: "http://localhost:3000/boots?size=42",
      title: "Boots",
      description: "For hikers",
      headings: ["Boots for all", "Sizes"],
    });
  });

  it("is cut to size", () => {
    document.title = "t".repeat(1000);
    fill(`<h1>${"h".repeat(1000)}</h1>`.repeat(30));
    const context = watchPage(() => null)();
    expect(context.title).toHaveLength(300);
    expect(context.headings).toHaveLength(20);
    expect(context.headings?.[0]).toHaveLength(200);
  });

  it("remembers what was selected before the reader turned to the chat", () => {
    fill("<p>waterproof boots</p><button id=chat></button>");
    const chat = document.querySelector<HTMLElement>("#chat");
    const read = watchPage(() => chat);
    const select = (node: Node | null) => {
      getSelection()?.removeAllRanges();
      if (node) getSelection()?.selectAllChildren(node);
      document.dispatchEvent(new Event("selectionchange"));
    };
    select(document.querySelector("p"));
    expect(read().selection).toBe("waterproof boots");
    chat?.focus();
    select(null);
    expect(read().selection).toBe("waterproof boots");
    chat?.blur();
    select(null);
    expect(read()).not.toHaveProperty("selection");
  });
});

/** Tools whose reader says what the test lets them say. */
const tools = (answer: Permission = "denied", asked: string[] = []) =>
  new ClientTools({
    ask: async (what) => {
      asked.push(what);
      return answer;
    },
    lateMs: 50,
  });

describe("client tools", () => {
  it("tell the title and address of the page", async () => {
    document.title = "Boots";
    const result = await tools().call({ name: "page_title", params: {} });
    expect(result).toEqual({ title: "Boots", url: "http://localhost:3000/" });
  });

  it("can be added by the page, and get their parameters", async () => {
    const own = tools();
    own.register("add", async ({ a, b }) => ({ sum: Number(a) + Number(b) }));
    expect(await own.call({ name: "add", params: { a: 1, b: 2 } })).toEqual({ sum: 3 });
  });

  it.each<[string, () => unknown, object]>([
    ["nothing", () => undefined, { result: null }],
    ["a word", () => "yes", { result: "yes" }],
    ["an error", () => { throw new Error("broken"); }, { error: "broken" }],
  ])("always answer with an object, also for %s", async (_what, tool, expected) => {
    const own = tools();
    own.register("tool", tool);
    expect(await own.call({ name: "tool", params: {} })).toEqual(expected);
  });

  it("say so when they do not exist", async () => {
    expect(await tools().call({ name: "toString", params: {} })).toEqual({ error: "This page has no tool named toString." });
  });

  it("wait a little for a script of the page that is late", async () => {
    const own = tools();
    const answer = own.call({ name: "late", params: {} });
    own.register("late", () => "here");
    expect(await answer).toEqual({ result: "here" });
  });

  it.each<[Permission, object, number]>([
    ["denied", { error: "The user did not allow this." }, 2],
    ["once", { result: 1 }, 2],
    ["always", { result: 1 }, 1],
  ])("run only when the reader allows it: %s", async (answer, expected, questions) => {
    const asked: string[] = [];
    const own = tools(answer, asked);
    own.register("cart", () => 1, { permission: "Read your cart" });
    for (let call = 0; call < 2; call++) expect(await own.call({ name: "cart", params: {} })).toEqual(expected);
    expect(asked).toEqual(Array(questions).fill("Read your cart"));
  });

  it("are given up after their time", async () => {
    const own = tools();
    own.register("slow", () => new Promise(() => undefined), { timeoutMs: 20 });
    expect(await own.call({ name: "slow", params: {} })).toEqual({ error: "The tool did not answer within 0.02 seconds." });
    expect(() => own.register("slow", () => 1, { timeoutMs: 0 })).toThrow(RangeError);
  });

  it("are refused without a function", () => {
    expect(() => tools().register("x", "alert(1)" as never)).toThrow(TypeError);
  });
});

describe("the address", () => {
  it("names the open thread, and keeps the rest", () => {
    history.replaceState({ mine: 1 }, "", "/t/acme/?from=mail#top");
    showThread("thr_1");
    expect(location.href).toBe("http://localhost:3000/t/acme/?from=mail&thread=thr_1#top");
    expect(history.state).toEqual({ mine: 1 });
    showThread(null);
    expect(location.href).toBe("http://localhost:3000/t/acme/?from=mail#top");
  });
});

describe("the theme", () => {
  const system = (dark: boolean) => vi.stubGlobal("matchMedia", () => ({ matches: dark, addEventListener: () => undefined }));

  it("follows the page, then the tenant, then the system", () => {
    system(true);
    expect(currentScheme(undefined)).toBe("dark");
    expect(currentScheme("light")).toBe("light");
    expect(currentScheme({ colorScheme: "light" })).toBe("light");
    document.documentElement.dataset["theme"] = "dark";
    expect(currentScheme("light")).toBe("dark");
  });

  it("keeps the tenant's look", () => {
    system(false);
    expect(withScheme({ radius: "soft" })).toEqual({ radius: "soft", colorScheme: "light" });
    expect(withScheme("dark")).toEqual({ colorScheme: "dark" });
  });
});

describe("the configuration", () => {
  it("is absent on a page without a chat", () => expect(readConfig()).toBeNull());

  it("gives runs the tenant that the API's address names", () => {
    fill(`<script type="application/json" id="chatkit-config">
      {"runsUrl": "/api/chatkit/runs/", "options": {"api": {"url": "/api/chatkit?tenant=acme"}}}</script>`);
    const config = readConfig();
    expect(config && runUrl(config, "run_1", "cancel").href).toBe("http://localhost:3000/api/chatkit/runs/run_1/cancel?tenant=acme");
  });
});
