import type { IconNode } from "lucide";
import type { Drawing } from "./drawing";
import { INTERFACE } from "./interface";

const SVG = "http://www.w3.org/2000/svg";

function draw(node: IconNode, filled: boolean): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: "0 0 24 24",
    fill: filled ? "currentColor" : "none",
    stroke: "currentColor",
    "stroke-width": "1.75",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  for (const [tag, shape] of node) {
    const child = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(shape)) child.setAttribute(key, String(value));
    svg.append(child);
  }
  return svg;
}

/** The drawing of an icon that is not of the interface; null for a name that nobody knows. */
async function find(name: string): Promise<Drawing | null> {
  try {
    if (!name.startsWith("lucide:")) return (await import("./registry")).ICONS[name] ?? null;
    const node = (await import("./all")).lucideIcon(name.slice("lucide:".length));
    return node ? { node } : null;
  } catch {
    return null; // Icons only decorate: the button next to it has a name.
  }
}

/** `<ck-icon name="copy">`: decoration only, so its button must have a name of its own. */
export class IconElement extends HTMLElement {
  static readonly observedAttributes = ["name"];

  /** Not before it is connected: Lit finds its places by counting the nodes of a fresh template. */
  connectedCallback() {
    this.draw();
  }

  attributeChangedCallback(_attribute: string, previous: string | null, name: string | null) {
    if (this.isConnected && name !== previous) this.draw();
  }

  private draw() {
    const name = this.getAttribute("name");
    const drawing = name ? INTERFACE[name] : undefined;
    if (drawing) return this.show(drawing);
    this.replaceChildren();
    if (name) void find(name).then((found) => found && this.getAttribute("name") === name && this.show(found));
  }

  private show({ node, filled = false }: Drawing) {
    this.replaceChildren(draw(node, filled));
  }
}
