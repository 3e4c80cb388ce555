/** What stands before the caret and asks for a menu. */
export interface Trigger {
  kind: "entity" | "command";
  query: string;
  /** The part of the text that a choice replaces. */
  from: number;
  to: number;
}

const ENTITY = /(?:^|\s)@([^@\n]{0,40})$/;
const COMMAND = /^\/([^\n]{0,40})$/;

/** An "@" after a space asks for entities, a "/" at the very beginning for commands. Null: neither. */
export function triggerAt(text: string, caret: number): Trigger | null {
  const before = text.slice(0, caret);
  const command = COMMAND.exec(before);
  if (command) return { kind: "command", query: command[1] ?? "", from: 0, to: caret };
  const entity = ENTITY.exec(before);
  const query = entity?.[1];
  if (query === undefined || /\s\s/.test(query)) return null;
  return { kind: "entity", query, from: caret - query.length - 1, to: caret };
}
