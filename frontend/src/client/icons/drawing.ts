import type { IconNode } from "lucide";

export type Drawing = { node: IconNode; filled?: boolean };

export const outline = (node: IconNode): Drawing => ({ node });
export const filled = (node: IconNode): Drawing => ({ node, filled: true });
