import type { WidgetNode } from "../protocol/types";

/**
 * Returns the tree with the component `id` replaced by `change(component)`; the same tree when no
 * component has that id. Only the path to the component is copied.
 */
export function changeComponent(
  node: WidgetNode,
  id: string,
  change: (component: WidgetNode) => WidgetNode,
): WidgetNode {
  if (node.id === id) return change(node);
  const { children } = node;
  if (Array.isArray(children)) {
    const next = children.map((child) => changeComponent(child, id, change));
    return next.some((child, i) => child !== children[i]) ? { ...node, children: next } : node;
  }
  if (children && typeof children === "object") {
    const next = changeComponent(children, id, change);
    return next === children ? node : { ...node, children: next };
  }
  return node;
}
