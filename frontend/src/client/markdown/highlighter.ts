/** Syntax highlighting: a chunk of its own, loaded with the first code block. */
import hljs from "highlight.js/lib/common";
import DOMPurify from "dompurify";

/** The code as coloured nodes, or null for a language that is not known. */
export function highlight(code: string, language: string): DocumentFragment | null {
  if (!hljs.getLanguage(language)) return null;
  const html = hljs.highlight(code, { language, ignoreIllegals: true }).value;
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: ["span"],
    ALLOWED_ATTR: ["class"],
    RETURN_DOM_FRAGMENT: true,
  });
}
