import type { NoticeLevel, Thread, ThreadItem } from "../protocol/types";

export interface Notice {
  level: NoticeLevel;
  message: string;
  title?: string | undefined;
}

export interface StreamFault {
  code: string;
  message: string;
  allowRetry: boolean;
}

/** What is known of the thread on screen. Immutable: every change makes a new object. */
export interface ThreadState {
  thread: Omit<Thread, "items"> | null;
  /** Oldest first. Items that did not change keep their identity. */
  items: readonly ThreadItem[];
  /** Items that were added and are still being written. */
  openItems: ReadonlySet<string>;
  hasOlder: boolean;
  allowCancel: boolean;
  progress: { text: string; icon?: string | undefined } | null;
  notices: readonly Notice[];
  fault: StreamFault | null;
}

export const emptyState: ThreadState = {
  thread: null,
  items: [],
  openItems: new Set(),
  hasOlder: false,
  allowCancel: true,
  progress: null,
  notices: [],
  fault: null,
};

const LOCAL_PREFIX = "local:";
let localCount = 0;

/** An id for a message that the server has not confirmed yet. */
export const localItemId = () => `${LOCAL_PREFIX}${++localCount}`;

export const isLocalItem = (item: ThreadItem) => item.id.startsWith(LOCAL_PREFIX);

/** Names an item on screen, from before the server confirmed it to the end. */
export const keyOf = (item: ThreadItem) =>
  (item.type === "user_message" && item.local_key) || item.id;
