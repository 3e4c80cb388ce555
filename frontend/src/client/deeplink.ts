/** Reads `chatkit-link://name?key=value`. */
export function parseDeeplink(href: string): { name: string; data: Record<string, string> } {
  const [address = "", query = ""] = href.replace(/^chatkit-link:\/*/, "").split(/\?(.*)/s);
  let name = address.replace(/(?<!\/)\/+$/, "");
  try {
    name = decodeURIComponent(name);
  } catch {
    // A stray percent sign: the name as it was written.
  }
  return { name, data: Object.fromEntries(new URLSearchParams(query)) };
}
