import { describe, expect, it, vi } from "vitest";
import type { PageConfig } from "../../src/loader/config";
import { menusOf } from "../../src/loader/mentions";

const configOf = (options: object) =>
  ({
    entitiesUrl: "/api/chatkit/entities",
    commandsUrl: "/api/chatkit/commands",
    options: { api: { url: "/api/chatkit?tenant=acme", domainKey: "local" }, ...options },
  }) as PageConfig;

function menus(options: object, answer: unknown = {}) {
  const fetch = vi.fn<(url: URL) => Promise<Response>>(() => Promise.resolve(Response.json(answer)));
  const goTo = vi.fn();
  const element = { setComposerValue: vi.fn(), focusComposer: vi.fn() };
  const parts = { config: configOf(options), fetch, goTo, element: () => element } as unknown as Parameters<typeof menusOf>[0];
  return { ...menusOf(parts), fetch, goTo, element };
}

describe("the menus of the composer", () => {
  it("are there where the assistant has them", () => {
    expect(menus({}).entities).toBeUndefined();
    expect(menus({ commands: { enabled: false } }).commands).toBeUndefined();
  });

  it("ask the platform, in the tenant of the page", async () => {
    const { entities, fetch } = menus({ entities: { showComposerMenu: true } }, { entities: [{ id: "x", title: "X" }] });
    expect(entities?.showComposerMenu).toBe(true);
    expect(await entities?.onTagSearch?.("a&b")).toEqual([{ id: "x", title: "X" }]);
    expect(String(fetch.mock.calls[0]?.[0])).toMatch(/\/api\/chatkit\/entities\?tenant=acme&q=a%26b$/);
    await entities?.onRequestPreview?.({ id: "a/b", title: "", data: { kind: "k?" } });
    expect(String(fetch.mock.calls[1]?.[0])).toMatch(/\/entities\/k%3F\/a%2Fb\/preview\?tenant=acme$/);
  });

  it("lead to pages of this host and nowhere else", () => {
    const { entities, goTo } = menus({ entities: { showComposerMenu: true } });
    for (const url of ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""]) {
      entities?.onClick?.({ id: "x", title: "x", data: { url } });
    }
    expect(goTo).not.toHaveBeenCalled();
    entities?.onClick?.({ id: "x", title: "x", data: { url: "?thread=thr_1" } });
    expect(goTo).toHaveBeenCalledWith(`${location.origin}/?thread=thr_1`);
  });

  it("write the prompt of a command into the composer", async () => {
    const found = { commands: [{ id: "time", label: "Time", prompt: "What time is it?" }] };
    const { commands, element } = menus({ commands: { enabled: true } }, found);
    expect(await commands?.onSearch?.("t")).toEqual([{ id: "time", label: "Time" }]);
    await commands?.onSelect?.({ id: "time", label: "Time" });
    expect(element.setComposerValue).toHaveBeenCalledWith({ text: "What time is it?" });
  });
});
