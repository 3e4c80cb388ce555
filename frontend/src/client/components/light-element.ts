import { LitElement } from "lit";

/**
 * A part of the surface that keeps state of its own. It renders into the one shadow root of
 * `<openai-chatkit>`, so that styles, labels and focus work across parts.
 */
export abstract class LightElement extends LitElement {
  protected override createRenderRoot() {
    return this;
  }
}
