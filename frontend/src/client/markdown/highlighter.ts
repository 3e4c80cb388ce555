/** Syntax highlighting: a chunk of its own, loaded with the first code block. */
import hljs from "highlight.js/lib/common";

/** The code as HTML with a class on each token, or null for a language that is not known. */
export function highlight(code: string, language: string): string | null {
  if (!hljs.getLanguage(language)) return null;
  return hljs.highlight(code, { language, ignoreIllegals: true }).value;
}
