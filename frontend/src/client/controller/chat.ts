import type { ApiClient, EventStream } from "../protocol/api";
import { ApiError, ConnectionError } from "../protocol/errors";
import type {
  ClientToolCallItem,
  StreamingRequest,
  StructuredAnswer,
  Thread,
  ThreadItem,
  ThreadStreamEvent,
  UserMessageInput,
  UserMessageItem,
  WidgetAction,
} from "../protocol/types";
import type { Attachment } from "@openai/chatkit";
import { emptyState, isLocalItem, keyOf, localItemId, type Notice, type ThreadState } from "../state/model";
import {
  applyEvent,
  endTurn,
  loadThread,
  prependOlder,
  startTurn,
  truncateAfter,
} from "../state/reducer";
import { unknownPart } from "../state/unknown";
import type { Host } from "./host";
import { loadBefore, loadLatest } from "./pages";
import { describeProblem, type Problem } from "./problem";
import { sentMessage, spokenAnswer } from "./told";
import { RunningTurn } from "./turn";

/** A tool's call that is older was given up when the page was left; the conversation does not wait for it. */
const TOOL_PATIENCE = 10 * 60 * 1000;

/** The conversation on screen: which thread it is, what it holds, and the turn that is going on. */
export class ChatController {
  state: ThreadState = emptyState;
  loading = false;
  loadingOlder = false;
  problem: Problem | null = null;
  /** Key of the message that was sent last from here: the view brings it to the top. */
  anchorId: string | null = null;
  private turn: RunningTurn | null = null;
  /** Changes with each thread on screen, so that late answers for another one are dropped. */
  private view = 0;
  private wantedId: string | null = null;

  constructor(
    private readonly api: ApiClient,
    private readonly host: Host,
  ) {}

  get threadId(): string | null {
    return this.state.thread?.id ?? this.wantedId;
  }

  get busy(): boolean {
    return this.turn !== null;
  }

  get reconnecting(): boolean {
    return this.turn?.reconnecting ?? false;
  }

  get canStop(): boolean {
    return this.turn !== null && this.state.allowCancel && !this.turn.stopping;
  }

  /** Shows a thread (null: a new one). Resolves when it is loaded; failures are shown, not thrown. */
  async open(threadId: string | null): Promise<void> {
    const changed = threadId !== this.threadId;
    this.leave();
    const view = this.view;
    this.wantedId = threadId;
    this.state = emptyState;
    if (changed) this.host.emit("chatkit.thread.change", { threadId });
    if (threadId === null) return this.host.changed();
    this.loading = true;
    this.host.changed();
    this.host.emit("chatkit.thread.load.start", { threadId });
    let runId: string | null = null;
    try {
      runId = await this.load(threadId, view);
    } catch (error) {
      if (view !== this.view) return;
      this.host.emit("chatkit.error", { error: toError(error) });
      if (error instanceof ApiError && error.status === 404) {
        this.wantedId = null;
        this.host.emit("chatkit.thread.change", { threadId: null });
      }
      this.fail(error, () => void this.open(threadId));
    } finally {
      if (view === this.view) {
        this.loading = false;
        this.host.emit("chatkit.thread.load.end", { threadId });
        this.host.changed();
        void this.goOn(runId);
      }
    }
  }

  /** Fetches the thread again after changes made elsewhere. */
  async refresh(): Promise<void> {
    const threadId = this.threadId;
    if (!threadId || this.busy || this.loading) return;
    const { view } = this;
    const runId = await this.load(threadId, view);
    this.host.changed();
    if (view === this.view) void this.goOn(runId);
  }

  /** Resolves to the id of the run that is writing in the thread, if one is. */
  private async load(threadId: string, view: number): Promise<string | null> {
    const { thread, items, hasOlder, runId } = await loadLatest(this.api, threadId);
    if (view !== this.view) return null;
    this.state = loadThread(thread, items, hasOlder, this.state);
    return runId;
  }

  /** Goes on where the thread that was loaded stands: with the run that is writing, or with a tool that was not answered. */
  private async goOn(runId: string | null): Promise<void> {
    const call = this.pendingTool;
    if (runId) await this.run((turn) => this.api.attach(runId, 0, turn.signal), runId);
    else if (call && Date.now() - Date.parse(call.created_at) < TOOL_PATIENCE) await this.run(null, null);
  }

  /** Somebody else, in another tab perhaps, went on with this thread: shows that, and keeps saying `problem`. */
  private async catchUp(problem: Problem | null): Promise<void> {
    const { view, threadId } = this;
    if (!threadId) return;
    const runId = await this.load(threadId, view).catch(() => null);
    if (view !== this.view) return;
    const going = runId ? this.goOn(runId) : Promise.resolve();
    this.problem = problem;
    this.host.changed();
    await going;
    if (this.problem === problem && runId) this.dismissProblem();
  }

  private get pendingTool(): ClientToolCallItem | null {
    const item = this.state.items.at(-1);
    return item?.type === "client_tool_call" && item.status === "pending" ? item : null;
  }

  async loadOlder(): Promise<void> {
    const threadId = this.threadId;
    const oldest = this.state.items[0];
    if (!threadId || !oldest || !this.state.hasOlder || this.loadingOlder) return;
    const view = this.view;
    this.loadingOlder = true;
    this.host.changed();
    try {
      const { items, hasOlder } = await loadBefore(this.api, threadId, oldest.id);
      if (view === this.view) this.state = prependOlder(this.state, items, hasOlder);
    } catch (error) {
      this.host.emit("chatkit.error", { error: toError(error) });
    } finally {
      if (view === this.view) this.loadingOlder = false;
      this.host.changed();
    }
  }

  /**
   * Sends a message. Resolves to false when the server did not take it: the caller still has the
   * text and must give it back to the composer.
   */
  async send(input: UserMessageInput, attachments: readonly Attachment[], retry: () => void): Promise<boolean> {
    if (this.busy || this.loading) return false;
    const id = localItemId();
    const threadId = this.threadId;
    const local: ThreadItem = {
      type: "user_message",
      id,
      thread_id: threadId ?? "",
      created_at: new Date().toISOString(),
      content: input.content,
      attachments: [...attachments],
      quoted_text: input.quoted_text ?? null,
    };
    this.state = { ...startTurn(this.state), items: [...this.state.items, local] };
    this.anchorId = id;
    const request: StreamingRequest = threadId
      ? { type: "threads.add_user_message", params: { thread_id: threadId, input } }
      : { type: "threads.create", params: { input } };
    const view = this.view;
    const refusal = await this.run((turn) => this.api.stream(request, turn.signal), null, retry);
    if (view !== this.view) return true;
    const taken = !this.state.items.some((item) => item.id === id);
    if (!taken) this.state = { ...this.state, items: this.state.items.filter((item) => item.id !== id) };
    this.host.changed();
    if (isElsewhere(refusal)) void this.catchUp(this.problem);
    return taken;
  }

  /** Answers a user message anew; everything after it goes. */
  async retry(itemId: string): Promise<void> {
    const threadId = this.threadId;
    if (!threadId || this.busy) return;
    const asked = this.state.items.find((item) => item.id === itemId);
    if (!asked) return;
    const { items } = this.state;
    this.state = startTurn(truncateAfter(this.state, itemId));
    this.anchorId = keyOf(asked);
    const refusal = await this.request(
      { type: "threads.retry_after_item", params: { thread_id: threadId, item_id: itemId } },
      () => void this.retry(itemId),
    );
    // Nothing was thrown away, then.
    if (refusal && threadId === this.threadId) this.state = { ...this.state, items };
    this.host.changed();
  }

  async answerQuestions(itemId: string, input: StructuredAnswer): Promise<void> {
    const threadId = this.threadId;
    if (!threadId || this.busy) return;
    await this.request({ type: "threads.add_structured_input", params: { thread_id: threadId, item_id: itemId, input } });
  }

  async customAction(action: WidgetAction, itemId?: string): Promise<void> {
    const threadId = this.threadId;
    if (!threadId) throw new Error("There is no thread to send an action to.");
    if (this.busy) throw new Error("An answer is being written.");
    await this.request({
      type: "threads.custom_action",
      params: { thread_id: threadId, action, ...(itemId ? { item_id: itemId } : {}) },
    });
  }

  /** An action that answers with one updated item; allowed while an answer is being written. */
  async syncAction(action: WidgetAction, itemId: string): Promise<void> {
    const threadId = this.threadId;
    if (!threadId) return;
    const { reply } = await this.api.call("threads.sync_custom_action", {
      thread_id: threadId,
      item_id: itemId,
      action,
    });
    if (reply.updated_item) this.apply({ type: "thread.item.replaced", item: reply.updated_item });
  }

  async feedback(itemIds: string[], kind: "positive" | "negative"): Promise<void> {
    const threadId = this.threadId;
    if (threadId) await this.api.call("items.feedback", { thread_id: threadId, item_ids: itemIds, kind });
  }

  /** Stops the answer: for good where the server names its runs, by hanging up elsewhere. */
  stop() {
    if (this.canStop) this.turn?.stop();
    this.host.changed();
  }

  /** A part of this client could not be loaded: only the page as a whole can be tried again. */
  broke(error: unknown) {
    this.host.emit("chatkit.error", { error: toError(error) });
    this.fail(new ConnectionError(String(error)), () => location.reload());
  }

  dismissProblem() {
    this.problem = null;
    this.host.changed();
  }

  dismissNotice(notice: Notice) {
    this.state = { ...this.state, notices: this.state.notices.filter((other) => other !== notice) };
    this.host.changed();
  }

  /** The title of the thread on screen was changed elsewhere in the interface. */
  renamed(thread: Thread) {
    if (this.state.thread?.id !== thread.id) return;
    this.state = { ...this.state, thread: { ...this.state.thread, title: thread.title ?? null } };
    this.host.changed();
  }

  /** Lets go of the thread on screen. A run goes on where the server keeps it. */
  leave() {
    this.view++;
    this.turn?.detach();
    this.turn = null;
    this.problem = null;
    this.loading = this.loadingOlder = false;
    this.anchorId = null;
  }

  private async request(request: StreamingRequest, retry?: () => void): Promise<unknown> {
    this.state = startTurn(this.state);
    const refusal = await this.run((turn) => this.api.stream(request, turn.signal), null, retry);
    if (isElsewhere(refusal)) void this.catchUp(this.problem);
    return refusal;
  }

  /** Resolves when the turn is over: to why the server did not begin with it, null otherwise. Without `open` it begins with a tool. */
  private async run(
    open: ((turn: RunningTurn) => Promise<EventStream>) | null,
    runId: string | null,
    retry?: () => void,
  ): Promise<unknown> {
    this.problem = null;
    const turn = new RunningTurn(this.api, this.host, {
      apply: (event) => this.apply(event),
      pendingTool: () => this.pendingTool,
      threadId: () => this.threadId,
    }, runId);
    this.turn = turn;
    this.host.changed();
    let failure: unknown = null;
    try {
      await turn.run(open && (() => open(turn)));
    } catch (error) {
      failure = error;
    }
    if (this.turn !== turn) return null;
    this.turn = null;
    if (turn.hungUp) this.markInterrupted();
    this.state = endTurn(this.state);
    if (turn.answering && isElsewhere(failure)) void this.catchUp(null);
    else if (failure) {
      this.host.emit("chatkit.error", { error: toError(failure) });
      this.fail(failure, turn.started ? () => void this.reopen() : retry);
    }
    if (turn.started) {
      this.host.emit("chatkit.response.end");
      if (!failure) this.announceAnswer();
    }
    this.host.changed();
    return turn.started ? null : failure;
  }

  private announceAnswer() {
    const text = spokenAnswer(this.state.items);
    if (text) this.host.announce(this.host.strings.t("live.answer", { text }));
  }

  private reopen() {
    return this.open(this.threadId);
  }

  /** Without a server that keeps runs, nobody else will say that the answer is not whole. */
  private markInterrupted() {
    const { items, openItems } = this.state;
    this.state = {
      ...this.state,
      items: items.map((item) => (openItems.has(item.id) ? { ...item, interrupted: "cancelled" } : item)),
    };
  }

  private apply(event: ThreadStreamEvent) {
    const before = this.state;
    this.state = applyEvent(before, event);
    const unknown = unknownPart(before, this.state, event);
    if (unknown) this.host.emit("chatkit.log", { name: "protocol.unknown", data: unknown });
    switch (event.type) {
      case "thread.created":
        this.wantedId = event.thread.id;
        this.host.emit("chatkit.thread.change", { threadId: event.thread.id });
        break;
      case "thread.item.done":
        if (event.item.type === "user_message") this.confirm(before, event.item);
        break;
      case "client_effect":
        this.host.emit("chatkit.effect", { name: event.name, ...(event.data ? { data: event.data } : {}) });
        break;
      case "error":
        this.faultToProblem();
        break;
    }
    this.host.changed();
  }

  /** Tells the page of a message that was sent from here; one that another tab sent was never unconfirmed. */
  private confirm(before: ThreadState, item: UserMessageItem) {
    if (before.items.some(isLocalItem) && !this.state.items.some(isLocalItem)) this.host.emit("open.message", sentMessage(item));
  }

  private faultToProblem() {
    const { fault, items } = this.state;
    if (!fault) return;
    const { t } = this.host.strings;
    const asked = items.findLast((item) => item.type === "user_message");
    this.problem = {
      message: (fault.code === "custom" && fault.message) || t("error.stream"),
      retry: fault.allowRetry && asked ? () => void this.retry(asked.id) : undefined,
    };
    this.host.emit("chatkit.error", { error: new Error(fault.message || fault.code) });
  }

  private fail(error: unknown, retry?: () => void) {
    this.problem = describeProblem(error, this.host.strings.t, retry);
    this.host.announce(this.problem.message);
    this.host.changed();
  }
}

/** Another tab was first: it sent a message, or answered the tool's call. */
const isElsewhere = (error: unknown) =>
  error instanceof ApiError && (error.code === "run_in_progress" || error.code === "no_pending_tool_call");

const toError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
