/**
 * Completes Markdown that is still being written, so that what is shown does not jump when the
 * rest arrives: open emphasis and code spans are closed, half a link and half a table are held back.
 */
export function healMarkdown(text: string): string {
  const fences = text.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0;
  if (fences % 2) return text;
  const start = text.lastIndexOf("\n\n") + 1;
  let tail = text.slice(start);
  if (isTableHead(tail)) return text.slice(0, start);
  tail = tail.replace(/!?\[[^[\]\n]*(?:\](?:\([^)[\n]*)?)?$/, (match) =>
    // "[ ]" of a task list and plain "[1]" are complete as they stand.
    /^\[[^\]]*\]$/.test(match) ? match : "",
  );
  tail = tail.replace(/(?:^|\s)[*_`~]{1,3}$/, "");
  if (count(tail, /`/g) % 2) return `${text.slice(0, start)}${tail}\``;
  for (const mark of ["**", "__", "~~"]) {
    if (tail.split(mark).length % 2 === 0) tail = `${tail.trimEnd()}${mark}`;
  }
  return text.slice(0, start) + tail;
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

/** A first row without the whole line of dashes under it would show as a paragraph full of bars. */
function isTableHead(tail: string): boolean {
  const lines = tail.trim().split("\n");
  if (!lines[0]?.startsWith("|") || lines.length > 2) return false;
  const dashes = lines[1];
  if (dashes === undefined) return true;
  return /^[|:\s-]*$/.test(dashes) && count(dashes, /\|/g) < count(lines[0], /\|/g);
}
