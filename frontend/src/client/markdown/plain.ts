/** Markdown without its marks: for those who listen, and until the parser is there. */
export const plainText = (markdown: string) =>
  markdown
    .replace(/```[\s\S]*?```/g, " ")
    .replace(/[`#>|]/g, "")
    // Between spaces it is no mark, as in 2 * 3.
    .replace(/(?<!\s)[*_~]+|[*_~]+(?!\s)/g, "")
    .replace(/\[([^[\]]*)\]\([^)[]*\)/g, "$1");
