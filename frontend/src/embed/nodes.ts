/** What the launcher is built of. */

export function node<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string> = {},
  children: (Node | string)[] = [],
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export function iconButton(label: string, path: string, pressed: () => void): HTMLButtonElement {
  const button = node("button", { class: "icon", type: "button", "aria-label": label }, [icon(path, "")]);
  button.addEventListener("click", pressed);
  return button;
}

export function icon(path: string, name: string, isFilled = false): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const shape = document.createElementNS(space, "path");
  const look = isFilled ? { fill: "currentColor" } : { fill: "none", stroke: "currentColor", "stroke-width": "2.2", "stroke-linecap": "round" };
  for (const [key, value] of Object.entries({ d: path, ...look })) shape.setAttribute(key, value);
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: name })) svg.setAttribute(key, value);
  svg.append(shape);
  return svg;
}
