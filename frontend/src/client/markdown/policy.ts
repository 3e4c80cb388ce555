/** What content of unknown origin may do on this page. */
export interface ContentPolicy {
  isImageAllowed(url: URL): boolean;
  /** Stands in for an image that loads only after a click. */
  imageGate(url: URL, alt: string): Node;
}

/** The images of this origin that may load: files of the conversation, in the chat and in the panel. Reading one changes nothing. */
const OWN_FILES = [
  /^\/api\/chatkit\/attachments\/[a-z]{2,4}_[\w-]+\/content$/,
  /^\/admin\/chat\/thread\/\d+\/files\/[a-z]{2,4}_[\w-]+\/$/,
];

/**
 * Images load by themselves when they are files of the conversation, or come from the domains that the thread allows: an
 * address that a model was talked into writing must not carry data away unseen. The page's own origin, and that of the
 * server, are no exceptions: their other addresses would be asked with the reader's cookies.
 */
export function isImageAllowed(url: URL, allowedDomains: readonly string[], server: URL | Location = location): boolean {
  if (url.protocol === "data:" || url.protocol === "blob:") return true;
  if (url.hostname === location.hostname || url.hostname === server.hostname) {
    const isOwn = url.origin === location.origin || url.origin === server.origin;
    return isOwn && OWN_FILES.some((path) => path.test(url.pathname));
  }
  if (url.protocol !== "https:") return false;
  return allowedDomains.some((domain) => {
    const wanted = domain.toLowerCase();
    return wanted.startsWith("*.")
      ? url.hostname.endsWith(wanted.slice(1))
      : url.hostname === wanted;
  });
}
