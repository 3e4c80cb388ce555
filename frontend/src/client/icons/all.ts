/** Every lucide icon: a chunk of its own, loaded when a `lucide:<name>` is first asked for. */
import { icons } from "lucide";
import type { IconNode } from "lucide";

const toPascal = (name: string) =>
  name.replace(/(^|-)([a-z0-9])/g, (_match, _dash, letter: string) => letter.toUpperCase());

export const lucideIcon = (name: string): IconNode | undefined =>
  (icons as Record<string, IconNode>)[toPascal(name)];
