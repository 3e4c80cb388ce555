/**
 * The wire format of a ChatKit server: items, events and requests as they travel.
 *
 * Unions stay open on purpose: a server may be newer than this client, so every reader must
 * expect an unknown `type` and ignore it.
 */
import type { Attachment, Entity, UserMessageContent } from "@openai/chatkit";

export interface Page<T> {
  data: T[];
  has_more: boolean;
  after?: string | null;
}

export type ThreadStatus = { type: "active" } | { type: "locked" | "closed"; reason?: string };

export interface Thread {
  id: string;
  title?: string | null;
  created_at: string;
  status?: ThreadStatus;
  allowed_image_domains?: string[] | null;
  items?: Page<ThreadItem>;
}

export type SourceKind = "url" | "file" | "entity";

export interface Source {
  type: SourceKind;
  title?: string;
  description?: string;
  timestamp?: string;
  group?: string;
  url?: string;
  attribution?: string;
  filename?: string;
  id?: string;
  icon?: string;
  label?: string;
  inline_label?: string;
  interactive?: boolean;
  data?: Entity["data"];
}

export interface Annotation {
  type?: "annotation";
  source: Source;
  /** Character position in the text that the source belongs to. */
  index?: number | null;
}

export interface OutputText {
  type: "output_text";
  text: string;
  annotations: Annotation[];
}

export interface Task {
  type: "custom" | "web_search" | "thought" | "file" | "image";
  status_indicator?: "none" | "loading" | "complete";
  title?: string;
  title_query?: string;
  icon?: string;
  content?: string;
  queries?: string[];
  sources?: Source[];
}

export interface WorkflowSummary {
  title?: string;
  icon?: string;
  /** Seconds. */
  duration?: number;
}

export interface Workflow {
  type: "custom" | "reasoning";
  tasks: Task[];
  summary?: WorkflowSummary | null;
  expanded?: boolean;
}

/** A widget component as it travels: typed loosely, since templates may carry any component. */
export interface WidgetNode {
  type: string;
  id?: string;
  key?: string;
  children?: WidgetNode[] | WidgetNode;
  [prop: string]: unknown;
}

export interface StructuredQuestion {
  type: "multiple_choice" | "freeform";
  id: string;
  question: string;
  description?: string;
  options?: { value: string }[];
  multiple?: boolean;
  answer?: { values: string[]; skipped?: boolean } | null;
}

export interface InferenceOptions {
  tool_choice?: { id: string };
  model?: string;
}

interface BaseItem {
  id: string;
  thread_id: string;
  created_at: string;
  /** Set by our server on an answer that did not come to its end. */
  interrupted?: "cancelled" | "error" | "lost";
  /** Set by our server: what the reader thinks of it. */
  feedback?: "positive" | "negative";
}

export interface UserMessageItem extends BaseItem {
  type: "user_message";
  content: UserMessageContent[];
  attachments?: Attachment[];
  quoted_text?: string | null;
  inference_options?: InferenceOptions;
  /** Not of the wire: the id that the message had here before the server confirmed it. */
  local_key?: string;
}

export interface AssistantMessageItem extends BaseItem {
  type: "assistant_message";
  content: OutputText[];
}

export interface ClientToolCallItem extends BaseItem {
  type: "client_tool_call";
  status: "pending" | "completed";
  call_id: string;
  name: string;
  arguments: Record<string, unknown>;
  output?: unknown;
}

export interface WidgetItem extends BaseItem {
  type: "widget";
  widget: WidgetNode;
  copy_text?: string | null;
}

export interface GeneratedImageItem extends BaseItem {
  type: "generated_image";
  image?: { id: string; url: string } | null;
  progress?: number;
}

export interface StructuredInputItem extends BaseItem {
  type: "structured_input";
  status: "pending" | "answered" | "skipped";
  inputs: StructuredQuestion[];
}

export interface WorkflowItem extends BaseItem {
  type: "workflow";
  workflow: Workflow;
}

export interface TaskItem extends BaseItem {
  type: "task";
  task: Task;
}

export interface EndOfTurnItem extends BaseItem {
  type: "end_of_turn";
}

export type ThreadItem =
  | UserMessageItem
  | AssistantMessageItem
  | ClientToolCallItem
  | WidgetItem
  | GeneratedImageItem
  | StructuredInputItem
  | WorkflowItem
  | TaskItem
  | EndOfTurnItem;

export type ItemUpdate =
  | { type: "assistant_message.content_part.added"; content_index: number; content: OutputText }
  | { type: "assistant_message.content_part.text_delta"; content_index: number; delta: string }
  | {
      type: "assistant_message.content_part.annotation_added";
      content_index: number;
      annotation_index: number;
      annotation: Annotation;
    }
  | { type: "assistant_message.content_part.done"; content_index: number; content: OutputText }
  | {
      type: "widget.streaming_text.value_delta";
      component_id: string;
      delta: string;
      done: boolean;
    }
  | { type: "widget.root.updated"; widget: WidgetNode }
  | { type: "widget.component.updated"; component_id: string; component: WidgetNode }
  | { type: "workflow.task.added"; task_index: number; task: Task }
  | { type: "workflow.task.updated"; task_index: number; task: Task }
  | { type: "generated_image.updated"; image: { id: string; url: string }; progress?: number };

export type NoticeLevel = "info" | "warning" | "danger";

export type ThreadStreamEvent =
  | { type: "thread.created"; thread: Thread }
  | { type: "thread.updated"; thread: Thread }
  | { type: "thread.item.added"; item: ThreadItem }
  | { type: "thread.item.updated"; item_id: string; update: ItemUpdate }
  | { type: "thread.item.done"; item: ThreadItem }
  | { type: "thread.item.removed"; item_id: string }
  | { type: "thread.item.replaced"; item: ThreadItem }
  | { type: "stream_options"; stream_options: { allow_cancel: boolean } }
  | { type: "progress_update"; icon?: string; text: string }
  | { type: "client_effect"; name: string; data?: Record<string, unknown> }
  | { type: "error"; code: string; message?: string; allow_retry?: boolean }
  | { type: "notice"; level: NoticeLevel; message: string; title?: string };

export interface UserMessageInput {
  content: UserMessageContent[];
  attachments: string[];
  quoted_text?: string;
  inference_options: InferenceOptions;
}

export interface WidgetAction {
  type: string;
  payload?: Record<string, unknown>;
}

export type StructuredAnswer = {
  status: "answered" | "skipped";
  answers: Record<string, { values: string[]; skipped: boolean }>;
};

export type StreamingRequest =
  | { type: "threads.create"; params: { input: UserMessageInput } }
  | { type: "threads.add_user_message"; params: { thread_id: string; input: UserMessageInput } }
  | { type: "threads.add_client_tool_output"; params: { thread_id: string; result: unknown } }
  | {
      type: "threads.add_structured_input";
      params: { thread_id: string; item_id: string; input: StructuredAnswer };
    }
  | { type: "threads.retry_after_item"; params: { thread_id: string; item_id: string } }
  | {
      type: "threads.custom_action";
      params: { thread_id: string; item_id?: string; action: WidgetAction };
    };

/** Requests that answer with one JSON document, and what they answer. */
export interface JsonOperations {
  "threads.get_by_id": { params: { thread_id: string }; reply: Thread };
  "threads.list": {
    params: { limit?: number; order?: "asc" | "desc"; after?: string };
    reply: Page<Thread>;
  };
  "threads.update": { params: { thread_id: string; title: string }; reply: Thread };
  "threads.delete": { params: { thread_id: string }; reply: unknown };
  "threads.sync_custom_action": {
    params: { thread_id: string; item_id?: string; action: WidgetAction };
    reply: { updated_item?: ThreadItem | null };
  };
  "attachments.create": {
    params: { name: string; size: number; mime_type: string };
    reply: Attachment & { upload_descriptor?: { url: string; method: string; headers?: Record<string, string> } | null };
  };
  "attachments.delete": { params: { attachment_id: string }; reply: unknown };
  "input.transcribe": { params: { audio_base64: string; mime_type: string }; reply: { text: string } };
  "items.list": {
    params: { thread_id: string; limit?: number; order?: "asc" | "desc"; after?: string };
    reply: Page<ThreadItem>;
  };
  "items.feedback": {
    params: { thread_id: string; item_ids: string[]; kind: "positive" | "negative" };
    reply: unknown;
  };
}
