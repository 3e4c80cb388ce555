"""MemoryStore: the same conversation in dictionaries, for development, tests, and as the floor of benchmarks.

Keeps what `DjangoStore` keeps, in one process and until it ends.  Passes the same contract suite.
"""

from __future__ import annotations

import itertools
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
    Answering,
    Checkpoint,
    FullThread,
    LostRun,
    OpenedRun,
    Opening,
    PlatformStore,
    RawPage,
    RunState,
    Stop,
    ThreadChanges,
    not_found,
    storable,
)
from chat.stores.fence import writing_run
from chat.stores.memory_rows import AttachmentRow, ItemRow, Owner, RunRow, ThreadRow
from chat.stores.usage import RunUsage
from chatplatform.lib.errors import PlatformError


def _owner(context: ChatContext) -> Owner:
    return (context.tenant.id, context.end_user.id, context.assistant.id)


class MemoryStore(PlatformStore):
    """`PlatformStore` without a database."""

    def __init__(self) -> None:
        self._seq = itertools.count(1)
        self._threads: dict[str, ThreadRow] = {}
        self._attachments: dict[str, AttachmentRow] = {}
        self._feedback: dict[tuple[str, str, int], FeedbackKind] = {}
        #: What runs used, by their ids.
        self.usage: dict[str, RunUsage] = {}

    # ---- threads

    def _thread(self, thread_id: str, context: ChatContext) -> ThreadRow:
        thread = self._threads.get(thread_id)
        if thread is None or thread.owner != _owner(context):
            raise not_found("Thread", thread_id)
        return thread

    def _written(self, thread_id: str, context: ChatContext, run_id: str | None = None) -> ThreadRow:
        """The same for a write, which may be a run's."""
        thread = self._thread(thread_id, context)
        self._check_fence(run_id or writing_run.get())
        return thread

    def _check_fence(self, run_id: str | None) -> None:
        if run_id is not None and not any(thread.produces(run_id) for thread in self._threads.values()):
            raise PlatformError("run_superseded")

    async def load_thread(self, thread_id: str, context: ChatContext) -> ThreadMetadata:
        return codec.metadata_of(self._thread(thread_id, context).meta)

    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        meta = codec.as_stored(thread)
        if storable("thread", thread.id) in self._threads:
            known = self._written(thread.id, context)
            meta.created_at = known.meta.created_at
            known.meta = meta
        else:
            self._threads[thread.id] = ThreadRow(next(self._seq), _owner(context), meta)

    async def change_thread(self, thread_id: str, changes: ThreadChanges, context: ChatContext) -> ThreadMetadata:
        thread = self._written(thread_id, context)
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
        run_id = next((run.id for run in thread.runs.values() if run.state == "running"), None)
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
        thread = self._written(thread_id, context, run_id)
        known = thread.items.get(item.id)
        written = set(codec.known_fields(item))
        kept = {name: value for name, value in known.raw.items() if name not in written} if known else {}
        self._put(thread, kept | codec.dump_stored(item), run_id)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: ChatContext) -> None:
        self._written(thread_id, context).items.pop(item_id, None)

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

    def _item(self, thread: ThreadRow, item_id: str) -> ItemRow:
        if item_id not in thread.items:
            raise not_found("Item", item_id)
        return thread.items[item_id]

    def _put(self, thread: ThreadRow, raw: dict[str, Any], run_id: str | None) -> None:
        # Through text and back, so that nothing is shared with the caller and the JSON is what PostgreSQL would keep.
        raw = orjson.loads(codec.to_text(raw))
        known = thread.items.get(storable("item", raw["id"]))
        seq = known.seq if known else next(self._seq)
        thread.items[raw["id"]] = ItemRow(seq, raw["id"], raw, run_id or (known.run_id if known else None))

    # ---- attachments

    async def save_attachment(self, attachment: Attachment, context: ChatContext) -> None:
        owner = _owner(context)
        known = self._attachments.get(storable("attachment", attachment.id))
        if known is not None and (known.owner != owner or known.thread_id not in (None, attachment.thread_id)):
            raise not_found("Attachment", attachment.id)
        if attachment.thread_id is not None:
            self._thread(attachment.thread_id, context)
        raw = (known.raw if known else {}) | attachment.model_dump(mode="json")
        self._attachments[attachment.id] = AttachmentRow(owner, attachment.thread_id, raw)

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

    def _attachment(self, attachment_id: str, context: ChatContext) -> AttachmentRow:
        found = self._attachments.get(attachment_id)
        if found is None or found.owner != _owner(context):
            raise not_found("Attachment", attachment_id)
        return found

    # ---- runs

    async def open_run(self, opening: Opening, context: ChatContext) -> OpenedRun:
        lost: list[LostRun] = []
        if opening.creates is not None:
            thread = ThreadRow(next(self._seq), _owner(context), codec.as_stored(opening.creates))
            storable("thread", thread.meta.id)
        else:
            thread = self._thread(opening.thread_id, context)
            lost = _check_open(thread, opening.answering)
        opened = OpenedRun(opening.run_id, codec.metadata_of(thread.meta), context, item=opening.adds, took_over=lost)
        if opening.adds is not None:
            self._bind(opening.adds.attachments, thread, context)
        else:
            opened.item = self._change(thread, opening)
        self._threads[thread.meta.id] = thread
        thread.runs[opening.run_id] = RunRow(opening.run_id, opening.owner, _lease(), thread.epoch)
        if opening.adds is not None:
            self._put(thread, codec.dump_stored(opening.adds), opening.run_id)
        opened.history = [codec.to_text(item.raw) for item in thread.in_order()[-settings.CHAT_HISTORY_ITEMS :]]
        return opened

    def _bind(self, attachments: list[Attachment], thread: ThreadRow, context: ChatContext) -> None:
        for attachment in attachments:
            if self._attachment(attachment.id, context).thread_id not in (None, thread.meta.id):
                raise not_found("Attachment", attachment.id)
        for attachment in attachments:
            kept = self._attachment(attachment.id, context)
            kept.thread_id = thread.meta.id
            kept.raw = kept.raw | {"thread_id": thread.meta.id}

    def _change(self, thread: ThreadRow, opening: Opening) -> ThreadItem | None:
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

    def _rewind(self, thread: ThreadRow, item_id: str) -> ThreadItem:
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
            is_own = thread.produces(run.run_id)
            row.state, row.error_code = (state, error_code) if is_own else ("lost", "run_superseded")
        if row.state == "lost" != state:
            raise PlatformError("run_superseded")

    async def checkpoint(self, checkpoints: list[Checkpoint]) -> None:
        for point in checkpoints:
            thread = self._threads.get(point.thread_id)
            if thread is not None and thread.produces(point.run_id):
                self._put(thread, point.item, point.run_id)

    async def renew_leases(self, run_ids: list[str]) -> dict[str, Stop]:
        stops: dict[str, Stop] = dict.fromkeys(run_ids, "superseded")
        for thread in self._threads.values():
            for run_id in stops.keys() & thread.runs.keys():
                if thread.produces(run_id):
                    run = thread.runs[run_id]
                    run.lease_expires_at = _lease()
                    if run.is_cancel_requested:
                        stops[run_id] = "cancelled"
                    else:
                        del stops[run_id]
        return stops

    async def look_for_silent_runs(self) -> tuple[datetime, bool]:
        runs = [run for thread in self._threads.values() for run in thread.runs.values()]
        return timezone.now(), any(run.is_silent() for run in runs)

    async def give_up_silent_runs(self, answering: Answering) -> list[LostRun]:
        return [lost for thread in self._threads.values() for lost in thread.give_up()]

    async def request_cancel(self, run_id: str, context: ChatContext) -> str | None:
        _thread, run = self._run(run_id, context)
        run.is_cancel_requested = True
        return run.owner if run.state == "running" else None

    async def run_state(self, run_id: str, context: ChatContext) -> RunState:
        thread, run = self._run(run_id, context)
        return RunState(
            state=run.state,
            owner=run.owner if run.state == "running" else None,
            error_code=run.error_code,
            thread=codec.metadata_of(thread.meta),
            items=[codec.for_reader(codec.to_text(item.raw)) for item in thread.visible() if item.run_id == run_id],
        )

    def _run(self, run_id: str, context: ChatContext) -> tuple[ThreadRow, RunRow]:
        for thread in self._threads.values():
            if thread.owner == _owner(context) and run_id in thread.runs:
                return thread, thread.runs[run_id]
        raise not_found("Run", run_id)


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.CHAT_RUN_LEASE_SECONDS)


def _check_open(thread: ThreadRow, answering: Answering | None) -> list[LostRun]:
    status = thread.meta.status.type
    if status != "active":
        raise PlatformError("thread_locked" if status == "locked" else "thread_closed")
    lost = thread.give_up() if answering is not None else []
    if any(run.state == "running" for run in thread.runs.values()):
        raise PlatformError("run_in_progress")
    return lost


def _complete_tool_call(thread: ThreadRow, result: Any) -> None:
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
    items: list[ItemRow], after: str | None, limit: int, order: str, cursors: list[ItemRow] | None = None
) -> RawPage:
    """A page of items; the cursor may be any of ``cursors``, a hidden item too."""
    if after is not None:
        at = next((item.seq for item in cursors or items if item.id == after), None)
        if at is None:
            return RawPage([])
        items = [item for item in items if (item.seq > at if order == "asc" else item.seq < at)]
    page, more = _page(items, None, limit, order, None)
    return RawPage([codec.to_text(item.raw) for item in page], more, page[-1].id if more else None)
