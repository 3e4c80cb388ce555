import type { Command, ComposerOption } from "@openai/chatkit";
import type { Translator } from "../i18n";

/** A command that the composer itself carries out. */
export interface BuiltinCommand extends Command {
  run: () => void;
}

/** What the composer can do by itself, for the menu of "/": attach files, and turn on a tool. */
export function builtinCommands(
  { attachments, tools = [] }: ComposerOption,
  { t }: Translator,
  attach: () => void,
  selectTool: (id: string) => void,
): BuiltinCommand[] {
  const files: BuiltinCommand[] = attachments?.enabled ? [{ id: "files", label: t("files.add"), icon: "plus", run: attach }] : [];
  return [...files, ...tools.map(({ id, label, icon }) => ({ id: `tool:${id}`, label, icon, run: () => selectTool(id) }))];
}
