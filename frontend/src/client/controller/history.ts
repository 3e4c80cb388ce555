import type { ApiClient } from "../protocol/api";
import type { Thread } from "../protocol/types";
import type { Host } from "./host";
import { describeProblem, type Problem } from "./problem";

const PAGE = 30;

/** The reader's threads, newest first, page by page. */
export class HistoryController {
  isOpen = false;
  threads: Thread[] = [];
  hasMore = false;
  loading = false;
  problem: Problem | null = null;
  private after: string | undefined;

  constructor(
    private readonly api: ApiClient,
    private readonly host: Host,
  ) {}

  async open(): Promise<void> {
    if (this.isOpen) return;
    this.isOpen = true;
    this.host.emit("chatkit.history.open");
    this.after = undefined;
    await this.page((data) => (this.threads = data));
  }

  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.host.emit("chatkit.history.close");
    this.host.changed();
  }

  async more(): Promise<void> {
    if (this.loading || !this.hasMore) return;
    await this.page((data) => {
      const known = new Set(this.threads.map((thread) => thread.id));
      this.threads = [...this.threads, ...data.filter((thread) => !known.has(thread.id))];
    });
  }

  /** Renames at once and takes it back when the server refuses. Resolves to the thread as it is now. */
  async rename(thread: Thread, title: string): Promise<Thread> {
    const renamed = { ...thread, title };
    this.replace(renamed);
    try {
      await this.api.call("threads.update", { thread_id: thread.id, title });
      return renamed;
    } catch (error) {
      this.replace(thread);
      this.fail(error);
      return thread;
    }
  }

  /** Resolves to whether the thread is gone. */
  async delete(thread: Thread): Promise<boolean> {
    try {
      await this.api.call("threads.delete", { thread_id: thread.id });
    } catch (error) {
      this.fail(error);
      return false;
    }
    this.threads = this.threads.filter((other) => other.id !== thread.id);
    this.host.changed();
    return true;
  }

  private replace(thread: Thread) {
    this.threads = this.threads.map((other) => (other.id === thread.id ? thread : other));
    this.host.changed();
  }

  private async page(take: (data: Thread[]) => void): Promise<void> {
    this.loading = true;
    this.problem = null;
    this.host.changed();
    try {
      const { reply } = await this.api.call("threads.list", {
        limit: PAGE,
        order: "desc",
        ...(this.after ? { after: this.after } : {}),
      });
      take(reply.data);
      this.hasMore = reply.has_more && reply.data.length > 0;
      this.after = reply.after ?? reply.data.at(-1)?.id;
    } catch (error) {
      this.fail(error, () => void this.page(take));
    } finally {
      this.loading = false;
      this.host.changed();
    }
  }

  private fail(error: unknown, retry?: () => void) {
    this.host.emit("chatkit.error", { error: error instanceof Error ? error : new Error(String(error)) });
    this.problem = describeProblem(error, this.host.strings.t, retry);
    this.host.changed();
  }
}
