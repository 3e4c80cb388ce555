"""MemoryStore: the same conversation in dictionaries, for development, tests, and as the floor of benchmarks.

Keeps what `DjangoStore` keeps, in one process and until it ends.  Passes the same contract suite.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from chatkit.types import Attachment, FeedbackKind, Page, ThreadItem, ThreadMetadata, WidgetItem
from django.conf import settings
from django.utils import timezone

from chat.context import ChatContext
from chat.stores import codec, questions
from chat.stores.base import (
    UNSET,
    Checkpoint,
    FullThread,
    OpenedRun,
    Opening,
    PlatformStore,
    RawPage,
    RunState,
    ThreadChanges,
    not_found,
    storable,
)
from chat.stores.usage import RunUsage
from chatplatform.lib.errors import PlatformError

Owner = tuple[int, int, int]


@dataclass(slots=True)
class _Item:
    """A stored item; ``seq`` is its place."""

    seq: int
    id: str
    raw: dict[str, Any]
    run_id: str | None = None

    @property
    def is_hidden(self) -> bool:
        return self.raw["type"] in codec.HIDDEN_TYPES


@dataclass(slots=True)
class _Run:
    id: str
    owner: str
    lease_expires_at: datetime
    state: str = "running"
    error_code: str = ""
    is_cancel_requested: bool = False

    def is_alive(self) -> bool:
        return self.state == "running" and self.lease_expires_at > timezone.now()


@dataclass(slots=True)
class _Thread:
    seq: int
    owner: Owner
    meta: ThreadMetadata
    items: dict[str, _Item] = field(default_factory=dict)
    runs: dict[str, _Run] = field(default_factory=dict)

    def in_order(self) -> list[_Item]:
        return sorted(self.items.values(), key=lambda item: item.seq)

    def visible(self) -> list[_Item]:
        return [item for item in self.in_order() if not item.is_hidden]


@dataclass(slots=True)
class _Attachment:
    owner: Owner
    thread_id: str | None
    raw: dict[str, Any]


def _owner(context: ChatContext) -> Owner:
    return (context.tenant.id, context.end_user.id, context.assistant.id)


class MemoryStore(PlatformStore):
    """`PlatformStore` without a database."""

    def __init__(self) -> None:
        self._seq = itertools.count(1)
        self._threads: dict[str, _Thread] = {}
        self._attachments: dict[str, _Attachment] = {}
        self._feedback: dict[tuple[str, str, int], FeedbackKind] = {}
        #: What runs used, by their ids.
        self.usage: dict[str, RunUsage] = {}

    # ---- threads

    def _thread(self, thread_id: str, context: ChatContext) -> _Thread:
        thread = self._threads.get(thread_id)
        if thread is None or thread.owner != _owner(context):
            raise not_found("Thread", thread_id)
        return thread

    async def load_thread(self, thread_id: str, context: ChatContext) -> ThreadMetadata:
        return codec.metadata_of(self._thread(thread_id, context).meta)

    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        meta = codec.as_stored(thread)
        if storable("thread", thread.id) in self._threads:
            known = self._thread(thread.id, context)
            meta.created_at = known.meta.created_at
            known.meta = meta
        else:
            self._threads[thread.id] = _Thread(next(self._seq), _owner(context), meta)

    async def change_thread(self, thread_id: str, changes: ThreadChanges, context: ChatContext) -> ThreadMetadata:
        thread = self._thread(thread_id, context)
        thread.meta = codec.as_stored(thread.meta.model_copy(update=dict(changes)))
        return codec.metadata_of(thread.meta)

    async def delete_thread(self, thread_id: str, context: ChatContext) -> None:
        self._thread(thread_id, context)
        del self._threads[thread_id]
        self._attachments = {key: kept for key, kept in self._attachments.items() if kept.thread_id != thread_id}
        self._feedback = {key: kind for key, kind in self._feedback.items() if key[0] != thread_id}

    async def raw_threads(
        self, limit: int, after: str | None, order: str, context: ChatContext
    ) -> Page[ThreadMetadata]:
        mine = [thread for thread in self._threads.values() if thread.owner == _owner(context)]
        page, more = _page(
            sorted(mine, key=lambda thread: thread.seq), after, limit, order, lambda thread: thread.meta.id
        )
        data = [codec.metadata_of(thread.meta) for thread in page]
        return Page[ThreadMetadata].model_construct(data=data, has_more=more, after=data[-1].id if more else None)

    async def thread_page(self, limit: int, after: str | None, order: str, context: ChatContext) -> RawPage:
        page = await self.raw_threads(limit, after, order, context)
        return RawPage([codec.to_text(codec.dump_thread(thread)) for thread in page.data], page.has_more, page.after)

    async def load_full_thread(self, thread_id: str, limit: int, context: ChatContext) -> FullThread:
        thread = self._thread(thread_id, context)
        run_id = next((run.id for run in thread.runs.values() if run.is_alive()), None)
        page = self._with_verdicts(thread_id, _raw_page(thread.visible(), None, limit, "asc"), context)
        return FullThread(codec.metadata_of(thread.meta), page, run_id)

    # ---- items

    async def raw_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ChatContext, *, include_hidden: bool
    ) -> RawPage:
        thread = self._thread(thread_id, context)
        if include_hidden:  # What the model reads knows nothing of verdicts.
            return _raw_page(thread.in_order(), after, limit, order)
        return self._with_verdicts(
            thread_id, _raw_page(thread.visible(), after, limit, order, thread.in_order()), context
        )

    async def raw_item(self, thread_id: str, item_id: str, context: ChatContext) -> str:
        return codec.to_text(self._item(self._thread(thread_id, context), item_id).raw)

    async def put_item(
        self, thread_id: str, item: ThreadItem, context: ChatContext, *, run_id: str | None = None
    ) -> None:
        thread = self._thread(thread_id, context)
        known = thread.items.get(item.id)
        written = set(codec.known_fields(item))
        kept = {name: value for name, value in known.raw.items() if name not in written} if known else {}
        self._put(thread, kept | codec.dump_stored(item), run_id)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: ChatContext) -> None:
        self._thread(thread_id, context).items.pop(item_id, None)

    async def add_feedback(self, thread_id: str, item_ids: list[str], kind: FeedbackKind, context: ChatContext) -> None:
        visible = {item.id for item in self._thread(thread_id, context).visible()}
        if not item_ids or not visible.issuperset(item_ids):
            raise not_found("Item", ", ".join(sorted(set(item_ids))))
        for item_id in item_ids:
            self._feedback[thread_id, item_id, context.end_user.id] = kind

    def _with_verdicts(self, thread_id: str, page: RawPage, context: ChatContext) -> RawPage:
        def verdict(raw: str) -> str | None:
            return self._feedback.get((thread_id, orjson.loads(raw)["id"], context.end_user.id))

        page.data = [codec.for_reader(raw, verdict(raw)) for raw in page.data]
        return page

    def _item(self, thread: _Thread, item_id: str) -> _Item:
        if item_id not in thread.items:
            raise not_found("Item", item_id)
        return thread.items[item_id]

    def _put(self, thread: _Thread, raw: dict[str, Any], run_id: str | None) -> None:
        # Through text and back, so that nothing is shared with the caller and the JSON is what PostgreSQL would keep.
        raw = orjson.loads(codec.to_text(raw))
        known = thread.items.get(storable("item", raw["id"]))
        seq = known.seq if known else next(self._seq)
        thread.items[raw["id"]] = _Item(seq, raw["id"], raw, run_id or (known.run_id if known else None))

    # ---- attachments

    async def save_attachment(self, attachment: Attachment, context: ChatContext) -> None:
        owner = _owner(context)
        known = self._attachments.get(storable("attachment", attachment.id))
        if known is not None and (known.owner != owner or known.thread_id not in (None, attachment.thread_id)):
            raise not_found("Attachment", attachment.id)
        if attachment.thread_id is not None:
            self._thread(attachment.thread_id, context)
        raw = (known.raw if known else {}) | attachment.model_dump(mode="json")
        self._attachments[attachment.id] = _Attachment(owner, attachment.thread_id, raw)

    async def load_attachment(self, attachment_id: str, context: ChatContext) -> Attachment:
        return codec.load_attachment(self._attachment(attachment_id, context).raw)

    async def delete_attachment(self, attachment_id: str, context: ChatContext) -> None:
        if (found := self._attachments.get(attachment_id)) is not None and found.owner == _owner(context):
            del self._attachments[attachment_id]

    async def load_attachments(self, attachment_ids: list[str], context: ChatContext) -> list[Attachment]:
        return [await self.load_attachment(attachment_id, context) for attachment_id in attachment_ids]

    async def attachments_of(self, thread_id: str, context: ChatContext) -> list[str]:
        place = (_owner(context), thread_id)
        return [key for key, kept in self._attachments.items() if (kept.owner, kept.thread_id) == place]

    def _attachment(self, attachment_id: str, context: ChatContext) -> _Attachment:
        found = self._attachments.get(attachment_id)
        if found is None or found.owner != _owner(context):
            raise not_found("Attachment", attachment_id)
        return found

    # ---- runs

    async def open_run(self, opening: Opening, context: ChatContext) -> OpenedRun:
        if opening.creates is not None:
            thread = _Thread(next(self._seq), _owner(context), codec.as_stored(opening.creates))
            storable("thread", thread.meta.id)
        else:
            thread = self._thread(opening.thread_id, context)
            _check_open(thread)
        opened = OpenedRun(opening.run_id, codec.metadata_of(thread.meta), context, item=opening.adds)
        if opening.adds is not None:
            self._bind(opening.adds.attachments, thread, context)
        else:
            opened.item = self._change(thread, opening)
        for lost in thread.runs.values():
            if lost.state == "running":
                lost.state, lost.error_code = "lost", "run_lost"
        self._threads[thread.meta.id] = thread
        thread.runs[opening.run_id] = _Run(opening.run_id, opening.owner, _lease())
        if opening.adds is not None:
            self._put(thread, codec.dump_stored(opening.adds), opening.run_id)
        opened.history = [codec.to_text(item.raw) for item in thread.in_order()[-settings.CHAT_HISTORY_ITEMS :]]
        return opened

    def _bind(self, attachments: list[Attachment], thread: _Thread, context: ChatContext) -> None:
        for attachment in attachments:
            if self._attachment(attachment.id, context).thread_id not in (None, thread.meta.id):
                raise not_found("Attachment", attachment.id)
        for attachment in attachments:
            kept = self._attachment(attachment.id, context)
            kept.thread_id = thread.meta.id
            kept.raw = kept.raw | {"thread_id": thread.meta.id}

    def _change(self, thread: _Thread, opening: Opening) -> ThreadItem | None:
        """Make an opening's change to items that exist; returns the item that it is about."""
        if opening.tool_result is not UNSET:
            _complete_tool_call(thread, opening.tool_result)
        elif opening.retries is not None:
            return self._rewind(thread, opening.retries)
        elif opening.answers is not None:
            item_id, given = opening.answers
            asked = self._item(thread, item_id)
            if asked.is_hidden:
                raise not_found("Item", item_id)
            asked.raw = orjson.loads(codec.to_text(questions.answered(asked.raw, given)))
            return codec.load_item(asked.raw)
        elif opening.sender is not None:
            sender = codec.load_item(self._item(thread, opening.sender).raw)
            if not isinstance(sender, WidgetItem):
                raise PlatformError("not_a_widget")
            return sender
        return None

    def _rewind(self, thread: _Thread, item_id: str) -> ThreadItem:
        target = self._item(thread, item_id)
        if target.is_hidden:
            raise not_found("Item", item_id)
        item = codec.load_item(target.raw)
        if item.type != "user_message":
            raise PlatformError("not_a_user_message")
        thread.items = {key: kept for key, kept in thread.items.items() if kept.seq <= target.seq}
        return item

    async def close_run(
        self, run: OpenedRun, state: str, error_code: str = "", leftovers: list[dict[str, Any]] | None = None
    ) -> None:
        if run.usage is not None:
            self.usage.setdefault(run.run_id, run.usage)
        thread = self._threads.get(run.thread.id)
        if thread is None:
            return
        await self.checkpoint([Checkpoint(run.run_id, run.thread.id, raw, run.context) for raw in leftovers or []])
        row = thread.runs[run.run_id]
        if row.state == "running":
            row.state, row.error_code = state, error_code

    async def checkpoint(self, checkpoints: list[Checkpoint]) -> None:
        for point in checkpoints:
            thread = self._threads.get(point.thread_id)
            if thread is not None and thread.runs[point.run_id].state == "running":
                self._put(thread, point.item, point.run_id)

    async def renew_leases(self, run_ids: list[str]) -> list[str]:
        wanted = set(run_ids)
        running = [
            run
            for thread in self._threads.values()
            for run in thread.runs.values()
            if run.id in wanted and run.state == "running"
        ]
        for run in running:
            run.lease_expires_at = _lease()
        return [run.id for run in running if run.is_cancel_requested]

    async def request_cancel(self, run_id: str, context: ChatContext) -> str | None:
        _thread, run = self._run(run_id, context)
        run.is_cancel_requested = True
        return run.owner if run.state == "running" else None

    async def run_state(self, run_id: str, context: ChatContext) -> RunState:
        thread, run = self._run(run_id, context)
        is_lost = run.state == "running" and not run.is_alive()
        return RunState(
            state="lost" if is_lost else run.state,
            owner=run.owner if run.is_alive() else None,
            error_code="run_lost" if is_lost else run.error_code,
            thread=codec.metadata_of(thread.meta),
            items=[codec.for_reader(codec.to_text(item.raw)) for item in thread.visible() if item.run_id == run_id],
        )

    def _run(self, run_id: str, context: ChatContext) -> tuple[_Thread, _Run]:
        for thread in self._threads.values():
            if thread.owner == _owner(context) and run_id in thread.runs:
                return thread, thread.runs[run_id]
        raise not_found("Run", run_id)


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.CHAT_RUN_LEASE_SECONDS)


def _check_open(thread: _Thread) -> None:
    status = thread.meta.status.type
    if status != "active":
        raise PlatformError("thread_locked" if status == "locked" else "thread_closed")
    if any(run.is_alive() for run in thread.runs.values()):
        raise PlatformError("run_in_progress")


def _complete_tool_call(thread: _Thread, result: Any) -> None:
    newest = next(reversed(thread.visible()), None)
    if newest is None or newest.raw["type"] != "client_tool_call" or newest.raw.get("status") != "pending":
        raise PlatformError("no_pending_tool_call")
    newest.raw = newest.raw | {"status": "completed", "output": result}
    thread.items = {
        key: item
        for key, item in thread.items.items()
        if item.raw["type"] != "client_tool_call" or item.raw.get("status") != "pending"
    }


def _page(rows: list[Any], after: str | None, limit: int, order: str, key: Any) -> tuple[list[Any], bool]:
    """A page of rows in ascending order, and whether more follow; a stale cursor gives none."""
    ordered = rows if order == "asc" else rows[::-1]
    if after is not None:
        ids = [key(row) for row in ordered]
        ordered = ordered[ids.index(after) + 1 :] if after in ids else []
    return ordered[:limit], len(ordered) > limit


def _raw_page(
    items: list[_Item], after: str | None, limit: int, order: str, cursors: list[_Item] | None = None
) -> RawPage:
    """A page of items; the cursor may be any of ``cursors``, a hidden item too."""
    if after is not None:
        at = next((item.seq for item in cursors or items if item.id == after), None)
        if at is None:
            return RawPage([])
        items = [item for item in items if (item.seq > at if order == "asc" else item.seq < at)]
    page, more = _page(items, None, limit, order, None)
    return RawPage([codec.to_text(item.raw) for item in page], more, page[-1].id if more else None)
