import DOMPurify, { type Config } from "dompurify";
import type { ContentPolicy } from "./policy";

const CONFIG: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: [
    "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "kbd",
    "li", "mark", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr",
    "u", "ul",
  ],
  // No style, class, id or name: the content can neither dress up as the interface nor be addressed by it.
  ALLOWED_ATTR: ["href", "src", "alt", "title", "start", "align", "colspan", "rowspan", "data-lang"],
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|chatkit-link:|data:image\/(?:png|jpe?g|gif|webp);|[^a-z]|[a-z+.-]+(?:[^a-z+.:-]|$))/i,
  RETURN_DOM_FRAGMENT: true,
};

/** Marks the place of a source within the text, through parsing and sanitising. */
export const CITE_OPEN = "\uE200";
export const CITE_CLOSE = "\uE201";
const CITE = /\uE200(\d+)\uE201/g;

/**
 * HTML of unknown origin as nodes that are safe to show: sanitised after rendering, links opening
 * elsewhere without a referrer, foreign images behind a click.
 *
 * The nodes belong to an inert document until they are inserted, so nothing loads before the
 * images have been judged.
 */
export function toSafeNodes(html: string, policy: ContentPolicy): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, CONFIG);
  for (const element of fragment.querySelectorAll("a, img, table, [title], [alt]")) {
    for (const attribute of [...element.attributes]) {
      if (attribute.value.includes(CITE_OPEN)) {
        element.setAttribute(attribute.name, attribute.value.replace(CITE, ""));
      }
    }
    if (element.localName === "a") secureLink(element as HTMLAnchorElement);
    else if (element.localName === "img") gateImage(element as HTMLImageElement, policy);
    else if (element.localName === "table") makeScrollable(element);
  }
  return fragment;
}

/** The highlighter's HTML as nodes. Classes are allowed here only: the highlighter chose them. */
export const toColoredNodes = (html: string): DocumentFragment =>
  DOMPurify.sanitize(html, { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true });

function parseUrl(value: string | null): URL | null {
  if (!value) return null;
  try {
    return new URL(value, document.baseURI);
  } catch {
    return null;
  }
}

function secureLink(link: HTMLAnchorElement) {
  const url = parseUrl(link.getAttribute("href"));
  if (!url || !/^(?:https?|mailto|chatkit-link):$/.test(url.protocol)) {
    link.removeAttribute("href");
    return;
  }
  if (url.protocol === "chatkit-link:") return;
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer");
}

function gateImage(image: HTMLImageElement, policy: ContentPolicy) {
  const url = parseUrl(image.getAttribute("src"));
  const alt = image.getAttribute("alt") ?? "";
  if (!url || !/^(?:https?|data):$/.test(url.protocol)) {
    image.replaceWith(alt);
    return;
  }
  image.setAttribute("alt", alt);
  image.setAttribute("loading", "lazy");
  image.setAttribute("referrerpolicy", "no-referrer");
  if (!policy.isImageAllowed(url)) image.replaceWith(policy.imageGate(url, alt));
}

function makeScrollable(table: Element) {
  const scroller = document.createElement("div");
  scroller.className = "table-scroll";
  scroller.tabIndex = 0;
  table.replaceWith(scroller);
  scroller.append(table);
}

/** Replaces the marks of sources in text nodes by what `chip` makes of them; inside code they just go. */
export function placeCitations(root: ParentNode & Node, chip: (index: number) => Node | null) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const marked: Text[] = [];
  while (walker.nextNode()) {
    const text = walker.currentNode as Text;
    if (text.data.includes(CITE_OPEN)) marked.push(text);
  }
  for (const text of marked) {
    if (text.parentElement?.closest("code, pre, a")) {
      text.data = text.data.replace(CITE, "");
      continue;
    }
    const parts = text.data.split(CITE);
    text.replaceWith(
      ...parts.map((part, i) => (i % 2 ? chip(Number(part)) ?? "" : part)),
    );
  }
}
