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
  /** Where the text goes on after it. */
  end: number;
  /** Set for a code block, which is drawn by its own view. */
  code?: { text: string; language: string };
  html: () => string;
}

/** The pieces of a document, of which the text before `from` is already known. */
export function parseBlocks(markdown: string, from = 0): Block[] {
  const blocks: Block[] = [];
  let end = from;
  for (const token of tokensOf(markdown.slice(from))) {
    end += token.raw.length;
    if (token.type !== "space" && token.type !== "def") blocks.push(toBlock(token, end));
  }
  return blocks;
}

/** A line that begins with fifty quotes or lists within each other. The parser calls itself for each, and reads the rest anew. */
const DEEP = /^[ \t]*(?:>[ \t]*|(?:[-+*]|\d{1,9}[.)])[ \t]+){50}/m;

/** The text's tokens; of one that is nested too deeply, the whole as plain text. */
function tokensOf(markdown: string): Token[] {
  return DEEP.test(markdown) ? [{ type: "code", raw: markdown, text: markdown }] : marked.lexer(markdown);
}

function toBlock(token: Token, end: number): Block {
  const { raw } = token;
  if (token.type !== "code") return { raw, end, html: () => marked.parser([token]) };
  const { text, lang } = token as Tokens.Code;
  return { raw, end, code: { text, language: firstWord(lang) }, html: () => "" };
}

/** Whether the text can be parsed from the middle: definitions reach everywhere, and carriage returns change its length. */
export const isLocal = (markdown: string) => !/\r|^ {0,3}\[[^\]\n]+\]:/m.test(markdown);
