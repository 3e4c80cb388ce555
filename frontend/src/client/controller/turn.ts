import type { ApiClient, EventStream } from "../protocol/api";
import { followRun } from "../protocol/run";
import type { ClientToolCallItem, ThreadStreamEvent } from "../protocol/types";
import type { Host } from "./host";

/** How long a cancelled run may take to end by itself before this client hangs up. */
const CANCEL_PATIENCE = 8000;

interface TurnView {
  apply(event: ThreadStreamEvent): void;
  /** The client tool call that the conversation is waiting for, if any. */
  pendingTool(): ClientToolCallItem | null;
  threadId(): string | null;
}

/** One turn of the assistant: its stream, the client tools it calls, and the streams that follow those. */
export class RunningTurn {
  reconnecting = false;
  stopping = false;
  /** The server has begun to answer. */
  started = false;
  /** Stopped by closing the connection, for want of a better way. */
  hungUp = false;
  /** It goes on with the answer of a client tool, which only one tab can give. */
  answering = false;
  private readonly abort = new AbortController();
  private detached = false;

  constructor(
    private readonly api: ApiClient,
    private readonly host: Host,
    private readonly view: TurnView,
    private runId: string | null,
  ) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  /** Resolves when the turn is over, stopped or detached; rejects when it failed. */
  async run(open: (() => Promise<EventStream>) | null): Promise<void> {
    if (open) await this.follow(open);
    for (let call = this.nextTool(); call; call = this.nextTool()) {
      const result = await this.callTool(call);
      const threadId = this.view.threadId();
      if (this.over || !threadId) return;
      this.runId = null;
      this.answering = true;
      await this.follow(() =>
        this.api.stream(
          { type: "threads.add_client_tool_output", params: { thread_id: threadId, result } },
          this.signal,
        ),
      );
      // The server must have moved on; asking again for the same call would never end.
      if (this.view.pendingTool()?.id === call.id) return;
    }
  }

  stop() {
    this.stopping = true;
    if (!this.runId) return this.hangUp();
    this.api.cancel(this.runId).catch(() => this.hangUp());
    setTimeout(() => this.hangUp(), CANCEL_PATIENCE);
  }

  /** Lets go without stopping: the run may go on, nobody here is looking any more. */
  detach() {
    this.detached = true;
    this.abort.abort();
  }

  private get over(): boolean {
    return this.signal.aborted || this.stopping;
  }

  private nextTool(): ClientToolCallItem | null {
    return this.over ? null : this.view.pendingTool();
  }

  private hangUp() {
    if (this.signal.aborted) return;
    this.hungUp = true;
    this.abort.abort();
  }

  private async follow(open: () => Promise<EventStream>): Promise<void> {
    const events = followRun(open, {
      api: this.api,
      signal: this.signal,
      onRunId: (runId) => (this.runId = runId),
      onReconnecting: (reconnecting) => {
        this.reconnecting = reconnecting;
        this.host.changed();
      },
      onMalformed: () => this.host.emit("chatkit.log", { name: "protocol.malformed" }),
    });
    for await (const event of events) {
      if (this.detached) return;
      if (!this.started) {
        this.started = true;
        this.host.emit("chatkit.response.start");
      }
      this.view.apply(event);
    }
  }

  private async callTool(call: ClientToolCallItem): Promise<unknown> {
    const handler = this.host.options?.onClientTool;
    if (!handler) return { error: `This page has no client tool "${call.name}".` };
    try {
      return (await handler({ name: call.name, params: call.arguments })) ?? {};
    } catch (error) {
      this.host.emit("chatkit.error", { error: error instanceof Error ? error : new Error(String(error)) });
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}
