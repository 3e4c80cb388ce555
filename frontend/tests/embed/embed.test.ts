import { describe, expect, it, vi } from "vitest";
import { type Chat, Events, perform } from "../../src/embed/commands";
import { subjectOf } from "../../src/embed/frame/session";
import { Site } from "../../src/embed/frame/site";
import { IdentitySource } from "../../src/embed/identity";
import { readableOn } from "../../src/embed/launcher";
import { SizeStore } from "../../src/embed/resize";

const SHOP = "https://shop.example";

/** A frame whose parent is another window. */
function framed() {
  const said: { message: unknown; target: string }[] = [];
  const parent = { postMessage: (message: unknown, target: string) => void said.push({ message, target }) };
  const page = Object.assign(new EventTarget(), { parent });
  const heard: unknown[] = [];
  const site = new Site([SHOP], (message) => void heard.push(message), page as unknown as Window);
  const receive = (data: unknown, origin = SHOP, source: unknown = parent) =>
    page.dispatchEvent(Object.assign(new Event("message"), { data, origin, source }));
  return { site, said, heard, receive };
}

describe("the page around the frame", () => {
  const logout = { chatplatform: 1, type: "logout" };

  it("is heard when the embed allows it", () => {
    const { heard, receive } = framed();
    receive(logout);
    expect(heard).toEqual([logout]);
  });

  it("is not heard from another origin, from another window, or in other words", () => {
    const { heard, receive } = framed();
    for (const origin of ["https://evil.example", "http://shop.example", "null", `${SHOP}:444`, ""]) receive(logout, origin);
    receive(logout, SHOP, {});
    for (const data of [null, "logout", { type: "logout" }, { chatplatform: 1 }, { chatplatform: 1, type: 7 }]) receive(data);
    expect(heard).toEqual([]);
  });

  it("is told nothing before it is known, and then nobody else is", () => {
    const { site, said, receive } = framed();
    site.greet();
    site.say({ type: "thread", threadId: "thr_secret" });
    expect(said).toEqual([{ message: { chatplatform: 1, type: "hello" }, target: "*" }]);
    receive({ chatplatform: 1, type: "focus" });
    site.say({ type: "thread", threadId: "thr_secret" });
    expect(said[1]?.target).toBe(SHOP);
  });

  it("gives the assistant a result also when its tool fails", async () => {
    const { site, receive } = framed();
    receive({ chatplatform: 1, type: "focus" });
    const result = site.callTool({ name: "x", params: {} });
    receive({ chatplatform: 1, type: "told", id: 1, error: "no" });
    expect(await result).toEqual({ error: "no" });
  });
});

describe("commands", () => {
  it("that are not understood break nothing", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const calls = [[], ["x"], ["on", "open"], ["identify"], ["identify", 7], ["tool", "x"], [null]];
    for (const call of calls) perform({} as Chat, new Events(), call);
    expect(warn).toHaveBeenCalledTimes(calls.length);
    warn.mockRestore();
  });

  it("listen, and stop to", () => {
    const events = new Events();
    const heard: unknown[] = [];
    const listener = (detail: unknown) => void heard.push(detail);
    perform({} as Chat, events, ["on", "unread", listener]);
    events.emit("unread", { count: 1 });
    perform({} as Chat, events, ["off", "unread", listener]);
    events.emit("unread", { count: 2 });
    expect(heard).toEqual([{ count: 1 }]);
  });
});

describe("an identity", () => {
  it("given as a text serves once", async () => {
    const source = new IdentitySource(null);
    expect(source.isThere).toBe(false);
    source.set("token");
    expect(await source.token()).toBe("token");
    await expect(source.token()).rejects.toThrow("works once");
  });

  it("names its subject, or nothing", () => {
    expect(subjectOf(`x.${btoa('{"sub":"ada"}')}.y`)).toBe("ada");
    for (const broken of ["", "x", "x.y.z", `x.${btoa("null")}.y`]) expect(subjectOf(broken)).toBe("");
  });
});

it("writes on a colour what can be read", () => {
  expect(readableOn("#ffffff")).toBe("#000000");
  expect(readableOn("#1f6f5c")).toBe("#ffffff");
});

describe("the size of the panel", () => {
  const closed = (): never => {
    throw new Error("forbidden");
  };

  it("is the standard one where nothing, or nonsense, is remembered", () => {
    for (const kept of [null, "", "{", "null", "[]", '{"width":500}', '{"width":"500","height":1e999}']) {
      expect(new SizeStore("emb_1", { getItem: () => kept } as unknown as Storage).read()).toBeNull();
    }
  });

  it("is given up on where the browser forbids to remember", () => {
    const storage = { getItem: closed, setItem: closed, removeItem: closed } as unknown as Storage;
    for (const store of [new SizeStore("emb_1", storage), new SizeStore("emb_1", undefined)]) {
      expect(store.read()).toBeNull();
      store.keep({ width: 500, height: 600 });
      store.keep(null);
    }
  });
});
