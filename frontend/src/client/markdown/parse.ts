import { Marked, type Token, type Tokens } from "marked";

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text: string) => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");
const firstWord = (info: string | undefined) => (info ?? "").trim().split(/\s/)[0] ?? "";

const marked = new Marked({
  gfm: true,
  renderer: {
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
    // Code within lists and quotes: the view draws it like any other code block.
    code: ({ text, lang }) => `<pre data-lang="${escape(firstWord(lang))}"><code>${escape(text)}</code></pre>\n`,
  },
});

/** A top-level piece of a document. Pieces with equal `raw` look the same. */
export interface Block {
  raw: string;
  /** Set for a code block, which is drawn by its own view. */
  code?: { text: string; language: string };
  html: () => string;
}

export function parseBlocks(markdown: string): Block[] {
  const tokens = marked.lexer(markdown);
  return tokens
    .filter((token) => token.type !== "space" && token.type !== "def")
    .map((token) => toBlock(token));
}

function toBlock(token: Token): Block {
  if (token.type === "code") {
    const { text, lang } = token as Tokens.Code;
    return { raw: token.raw, code: { text, language: firstWord(lang) }, html: () => "" };
  }
  return { raw: token.raw, html: () => marked.parser([token]) };
}
