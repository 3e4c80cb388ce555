import { describe, expect, it } from "vitest";
import { healMarkdown } from "../../src/client/markdown/heal";
import { imageGate } from "../../src/client/markdown/image-gate";
import { MarkdownView } from "../../src/client/markdown/markdown-view";
import { isImageAllowed } from "../../src/client/markdown/policy";
import { citeSources } from "../../src/client/markdown/sources";
import { translator } from "../../src/client/i18n";

const { t } = translator("en");
const domains = ["img.example", "*.cdn.example"];

function view() {
  const container = document.createElement("div");
  const markdown = new MarkdownView(container, {
    t,
    policy: {
      isImageAllowed: (url) => isImageAllowed(url, domains),
      imageGate: (url, alt) => imageGate(url, alt, t),
    },
    chip: (index) => Object.assign(document.createElement("cite"), { textContent: String(index) }),
  });
  return { container, markdown };
}

function draw(text: string, streaming = false) {
  const { container, markdown } = view();
  markdown.update({ text, streaming });
  return container;
}

describe("what models and people write is inert", () => {
  it.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x)",
    '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<form action="https://evil.example"><input name=a><button>go</button></form>',
    '<p style="position:fixed;inset:0" class="app" id="x" name="y">z</p>',
    '<a href="https://ok.example" onclick="alert(1)" style="x">x</a>',
    "<object data=x></object><embed src=x><base href=//evil.example><meta http-equiv=refresh><link rel=stylesheet href=x>",
    '- a\n\n  ```js"onload=alert(1)\n  x\n  ```',
  ])("%s", (source) => {
    const container = draw(source);
    expect(container.querySelector("script, svg:not(ck-icon svg), iframe, form, input, object, embed, base, meta, link, style, math")).toBeNull();
    for (const element of container.querySelectorAll(":not(ck-icon)")) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^id$|^name$/);
        expect(value).not.toMatch(/^\s*(?:javascript|vbscript|data:text)/i);
      }
    }
    for (const image of container.querySelectorAll("img")) expect(image.getAttribute("src")).toBe("x");
  });

  it("links open elsewhere, without an opener", () => {
    const link = draw("[x](https://a.example/)").querySelector("a");
    expect(link?.getAttribute("target")).toBe("_blank");
    expect(link?.getAttribute("rel")).toContain("noopener");
  });

  it("keeps mail links and deep links", () => {
    const hrefs = [...draw("[a](mailto:a@b.example) [b](chatkit-link://open?x=1)").querySelectorAll("a")].map((a) =>
      a.getAttribute("href"),
    );
    expect(hrefs).toEqual(["mailto:a@b.example", "chatkit-link://open?x=1"]);
  });
});

describe("images", () => {
  it.each([
    ["https://evil.example/x.png?q=secret", false],
    ["http://img.example/x.png", false],
    ["//evil.example/x.png", false],
    ["https://img.example.evil.example/x.png", false],
    ["https://evilcdn.example/x.png", false],
    ["https://img.example/x.png", true],
    ["https://a.cdn.example/x.png", true],
    ["/local.png", false],
    ["/admin/tenants/assistant/1/draft/", false],
    ["/api/chatkit/attachments/atc_0a/content?use=read", true],
    ["/api/chatkit/attachments/../../../admin/content", false],
    ["/admin/chat/thread/5/files/atc_0a/?use=read", true],
    ["/admin/chat/thread/5/files/../delete/", false],
    ["https://evil.example/api/chatkit/attachments/atc_0a/content", false],
  ])("%s loads by itself: %s", (src, loads) => {
    const container = draw(`![alt](${src})`);
    expect(container.querySelector("img") !== null).toBe(loads);
    expect(container.querySelector(".image-gate") !== null).toBe(!loads);
  });

  it("of the chat's own server are files of the conversation", () => {
    const server = new URL("https://chat.example/api/chatkit");
    const allowed = (path: string) => isImageAllowed(new URL(path, server), ["chat.example"], server);
    expect(allowed("/api/chatkit/attachments/atc_0a/content?use=read")).toBe(true);
    expect(allowed("/admin/tenants/")).toBe(false);
  });

  it("load on a click", () => {
    const container = draw("![alt](https://evil.example/x.png)");
    container.querySelector<HTMLElement>(".image-gate")?.click();
    expect(container.querySelector("img")?.src).toBe("https://evil.example/x.png");
  });
});

describe("structure", () => {
  it("draws tables, lists and code", () => {
    const container = draw("| a | b |\n|--|--:|\n| 1 | 2 |\n\n- [x] done\n- one\n\n```python\nprint(1)\n```");
    expect(container.querySelectorAll(".table-scroll td")).toHaveLength(2);
    expect(container.querySelector("li")?.textContent).toContain("☑ done");
    expect(container.querySelector(".code-bar span")?.textContent).toBe("python");
    expect(container.querySelector("pre code")?.textContent).toBe("print(1)");
  });

  it("draws code within lists as code", () => {
    expect(draw("- a\n\n  ```js\n  let a = 1;\n  ```").querySelector("li .code code")?.textContent).toBe("let a = 1;");
  });

  it("draws only what changed while text is streamed", () => {
    const { container, markdown } = view();
    markdown.update({ text: "First.\n\n```js\nlet a", streaming: true });
    const [first, code] = [container.children[0], container.children[1]];
    markdown.update({ text: "First.\n\n```js\nlet a = 1;\n```\n\nLast", streaming: true });
    expect(container.children[0]).toBe(first);
    expect(container.children[1]).toBe(code);
    expect(container.textContent).toContain("let a = 1;");
    expect(container.children[2]?.textContent).toBe("Last");
  });

  it("ends as if it had been drawn at once, wherever the stream was cut", () => {
    const text = "# T\n\nSome **bold** and `code` with [link](https://a.example).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n1. x\n   - y\n\n> q";
    const whole = draw(text);
    const { container, markdown } = view();
    for (let at = 1; at <= text.length; at++) markdown.update({ text: text.slice(0, at), streaming: true });
    markdown.update({ text, streaming: false });
    expect(container.isEqualNode(whole)).toBe(true);
  });
});

describe("healMarkdown", () => {
  it.each([
    ["a **bo", "a **bo**"],
    ["a **bo**", "a **bo**"],
    ["see `co", "see `co`"],
    ["see [te", "see "],
    ["see [text](https://a", "see "],
    ["see ![alt](https://evil", "see "],
    ["a ~~x", "a ~~x~~"],
    ["```js\na **b", "```js\na **b"],
    ["x\n\n| a | b", "x\n"],
    ["x\n\n| a | b |\n|--", "x\n"],
  ])("%j -> %j", (text, healed) => {
    expect(healMarkdown(text)).toBe(healed);
  });
});

describe("citations", () => {
  const source = { type: "url" as const, url: "https://a.example/", title: "A" };

  it("stand where their index says, also after an emoji", () => {
    const { marked, sources } = citeSources("👋 Hi there.", [{ source, index: 4 }]);
    expect(sources).toHaveLength(1);
    const container = draw(marked);
    expect(container.querySelector("cite")?.previousSibling?.textContent).toBe("👋 Hi");
  });

  it("number equal sources once", () => {
    const { sources } = citeSources("abc", [{ source, index: 1 }, { source, index: 2 }, { source: { type: "file", filename: "f" } }]);
    expect(sources.map(({ number }) => number)).toEqual([1, 2]);
  });

  it("cannot be forged by the text, and leave addresses alone", () => {
    expect(citeSources("\uE2001\uE201", []).marked).not.toContain("\uE200");
    const { marked } = citeSources("[x](https://a.example/path)", [{ source, index: 20 }]);
    const container = draw(marked);
    expect(container.querySelector("a")?.getAttribute("href")).toBe("https://a.example/path");
    expect(container.querySelector("cite")).not.toBeNull();
  });
});

describe("what is nested in itself", () => {
  it.each(["> ", "1. ", "- ", "[", "*"])("%s thousands of times is shown, and nothing breaks", (mark) => {
    for (const depth of [500, 16_000]) {
      expect(draw(`before\n\n${mark.repeat(depth)}deep`).textContent).toContain("deep");
      expect(draw(`before\n\n${mark.repeat(depth)}deep`, true).textContent).toContain("before");
    }
  });
});
