/** What content of unknown origin may do on this page. */
export interface ContentPolicy {
  isImageAllowed(url: URL): boolean;
  /** Stands in for an image that loads only after a click. */
  imageGate(url: URL, alt: string): Node;
}

/**
 * Images load by themselves from the page's own origin and from the domains that the thread
 * allows: an address that a model was talked into writing must not carry data away unseen.
 */
export function isImageAllowed(url: URL, allowedDomains: readonly string[]): boolean {
  if (url.protocol === "data:" || url.origin === location.origin) return true;
  if (url.protocol !== "https:") return false;
  return allowedDomains.some((domain) => {
    const wanted = domain.toLowerCase();
    return wanted.startsWith("*.")
      ? url.hostname.endsWith(wanted.slice(1))
      : url.hostname === wanted;
  });
}
