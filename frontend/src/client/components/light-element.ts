import { type CSSResult, LitElement } from "lit";

/** Lets the stylesheets that come with a lazily loaded part take effect where it is shown. */
export function adoptSheets(part: Element, sheets: readonly CSSResult[]) {
  const root = part.getRootNode();
  if (!(root instanceof ShadowRoot)) return;
  for (const { styleSheet } of sheets) {
    if (styleSheet && !root.adoptedStyleSheets.includes(styleSheet)) root.adoptedStyleSheets.push(styleSheet);
  }
}

/**
 * A part of the surface that keeps state of its own. It renders into the one shadow root of
 * `<openai-chatkit>`, so that styles, labels and focus work across parts.
 */
export abstract class LightElement extends LitElement {
  /** Stylesheets of a part that is loaded when it is first needed. */
  static sheets: readonly CSSResult[] = [];

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    adoptSheets(this, (this.constructor as typeof LightElement).sheets);
  }
}
