import { noChange } from "lit";
import { Directive, directive, type ElementPart, type PartInfo, PartType } from "lit/directive.js";

export type StyleValues = Record<string, string | undefined>;

/**
 * Sets CSS properties through the object model: a strict Content-Security-Policy refuses style
 * attributes, which is how Lit's own styleMap begins.
 */
class SetStyles extends Directive {
  private names: string[] = [];

  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("styles() goes on an element");
  }

  override update(part: ElementPart, [values]: [StyleValues]) {
    const { style } = part.element as HTMLElement;
    for (const name of this.names) if (values[name] === undefined) style.removeProperty(name);
    this.names = [];
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue;
      style.setProperty(name, value);
      this.names.push(name);
    }
    return noChange;
  }

  /** Never runs: the element part updates in place, and there is no server rendering. */
  override render(values: StyleValues) {
    void values;
    return noChange;
  }
}

export const styles = directive(SetStyles);
