import { noChange } from "lit";
import { Directive, directive, type ElementPart, type PartInfo, PartType } from "lit/directive.js";

/** Attributes by name: true is there without a value; false, undefined and "" are not there. */
export type AttributeValues = Record<string, string | boolean | undefined>;

/** Sets several attributes at once, for elements that have many of them in common. */
class SetAttributes extends Directive {
  constructor(part: PartInfo) {
    super(part);
    if (part.type !== PartType.ELEMENT) throw new Error("attributes() goes on an element");
  }

  override update(part: ElementPart, [values]: [AttributeValues]) {
    for (const [name, value] of Object.entries(values)) {
      if (value) part.element.setAttribute(name, value === true ? "" : value);
      else part.element.removeAttribute(name);
    }
    return noChange;
  }

  /** Never runs: the element part updates in place, and there is no server rendering. */
  override render(values: AttributeValues) {
    void values;
    return noChange;
  }
}

export const attributes = directive(SetAttributes);
