import type { AssistantMessageItem, ItemUpdate, OutputText, ThreadItem } from "../protocol/types";
import { changeComponent } from "./widget-tree";

const emptyPart = (): OutputText => ({ type: "output_text", text: "", annotations: [] });

function changePart(
  item: AssistantMessageItem,
  index: number,
  change: (part: OutputText) => OutputText,
): AssistantMessageItem {
  const content = [...item.content];
  // Servers may name a part before they have announced it.
  while (content.length <= index) content.push(emptyPart());
  content[index] = change(content[index] ?? emptyPart());
  return { ...item, content };
}

function replaceAt<T>(list: readonly T[], index: number, value: T): T[] {
  const next = [...list];
  next[index < next.length ? index : next.length] = value;
  return next;
}

/** Applies one `thread.item.updated` to its item. Returns null for an update that is unknown or does not fit. */
export function applyItemUpdate(item: ThreadItem, update: ItemUpdate): ThreadItem | null {
  switch (update.type) {
    case "assistant_message.content_part.added":
    case "assistant_message.content_part.done":
      if (item.type !== "assistant_message") return null;
      return changePart(item, update.content_index, () => ({
        ...update.content,
        annotations: update.content.annotations ?? [],
      }));
    case "assistant_message.content_part.text_delta":
      if (item.type !== "assistant_message") return null;
      return changePart(item, update.content_index, (part) => ({
        ...part,
        text: part.text + update.delta,
      }));
    case "assistant_message.content_part.annotation_added":
      if (item.type !== "assistant_message") return null;
      return changePart(item, update.content_index, (part) => ({
        ...part,
        annotations: replaceAt(part.annotations, update.annotation_index, update.annotation),
      }));
    case "widget.root.updated":
      return item.type === "widget" ? { ...item, widget: update.widget } : null;
    case "widget.component.updated":
      if (item.type !== "widget") return null;
      return {
        ...item,
        widget: changeComponent(item.widget, update.component_id, () => update.component),
      };
    case "widget.streaming_text.value_delta":
      if (item.type !== "widget") return null;
      return {
        ...item,
        widget: changeComponent(item.widget, update.component_id, (node) => ({
          ...node,
          value: `${typeof node["value"] === "string" ? node["value"] : ""}${update.delta}`,
          streaming: !update.done,
        })),
      };
    case "workflow.task.added":
    case "workflow.task.updated":
      if (item.type !== "workflow") return null;
      return {
        ...item,
        workflow: {
          ...item.workflow,
          tasks: replaceAt(item.workflow.tasks, update.task_index, update.task),
        },
      };
    case "generated_image.updated":
      if (item.type !== "generated_image") return null;
      return {
        ...item,
        image: update.image,
        ...(update.progress == null ? {} : { progress: update.progress }),
      };
    default:
      return null;
  }
}
