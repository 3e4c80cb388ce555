"""DjangoStore: the conversation in PostgreSQL.  At most one database call per store call; nothing is held in between."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chatkit.types import Attachment, FeedbackKind, Page, ThreadItem, ThreadMetadata

from chat.context import ChatContext
from chat.stores import attachment_queries, codec, lease_queries, queries, run_queries, trace_queries
from chat.stores.base import (
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
)
from chat.stores.fence import writing_run
from chat.stores.trace import Trace
from chatplatform.lib.db_pool import in_database, in_tenant


class DjangoStore(PlatformStore):
    """`PlatformStore` over Django's connection; see `chat.stores.queries` for the statements."""

    async def load_thread(self, thread_id: str, context: ChatContext) -> ThreadMetadata:
        return await in_tenant(context.tenant.id, queries.load_thread, thread_id, context)

    async def save_thread(self, thread: ThreadMetadata, context: ChatContext) -> None:
        await in_tenant(context.tenant.id, queries.save_thread, codec.metadata_of(thread), context, writing_run.get())

    async def delete_thread(self, thread_id: str, context: ChatContext) -> None:
        await in_tenant(context.tenant.id, queries.delete_thread, thread_id, context)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: ChatContext) -> None:
        await in_tenant(context.tenant.id, queries.delete_item, thread_id, item_id, context, writing_run.get())

    async def save_attachment(self, attachment: Attachment, context: ChatContext) -> None:
        await in_tenant(context.tenant.id, queries.save_attachment, attachment, context)

    async def load_attachment(self, attachment_id: str, context: ChatContext) -> Attachment:
        return await in_tenant(context.tenant.id, queries.load_attachment, attachment_id, context)

    async def delete_attachment(self, attachment_id: str, context: ChatContext) -> None:
        await in_tenant(context.tenant.id, queries.delete_attachment, attachment_id, context)

    async def load_attachments(self, attachment_ids: list[str], context: ChatContext) -> list[Attachment]:
        return await in_tenant(context.tenant.id, attachment_queries.load_many, attachment_ids, context)

    async def attachments_of(self, thread_id: str, context: ChatContext) -> list[str]:
        return await in_tenant(context.tenant.id, attachment_queries.of_thread, thread_id, context)

    async def raw_threads(
        self, limit: int, after: str | None, order: str, context: ChatContext
    ) -> Page[ThreadMetadata]:
        return await in_tenant(context.tenant.id, queries.load_threads, limit, after, order, context)

    async def thread_page(self, limit: int, after: str | None, order: str, context: ChatContext) -> RawPage:
        return await in_tenant(context.tenant.id, queries.thread_page, limit, after, order, context)

    async def load_full_thread(self, thread_id: str, limit: int, context: ChatContext) -> FullThread:
        return await in_tenant(context.tenant.id, queries.load_full_thread, thread_id, limit, context)

    async def change_thread(self, thread_id: str, changes: ThreadChanges, context: ChatContext) -> ThreadMetadata:
        return await in_tenant(context.tenant.id, queries.change_thread, thread_id, changes, context, writing_run.get())

    async def raw_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: ChatContext, *, include_hidden: bool
    ) -> RawPage:
        return await in_tenant(
            context.tenant.id,
            queries.load_items,
            thread_id,
            after,
            limit,
            order,
            context,
            include_hidden=include_hidden,
        )

    async def put_item(
        self, thread_id: str, item: ThreadItem, context: ChatContext, *, run_id: str | None = None
    ) -> None:
        fence = run_id or writing_run.get()
        await in_tenant(context.tenant.id, queries.put_item, thread_id, item, context, run_id, fence)

    async def raw_item(self, thread_id: str, item_id: str, context: ChatContext) -> str:
        return await in_tenant(context.tenant.id, queries.load_item, thread_id, item_id, context)

    async def add_feedback(self, thread_id: str, item_ids: list[str], kind: FeedbackKind, context: ChatContext) -> None:
        await in_tenant(context.tenant.id, queries.add_feedback, thread_id, item_ids, kind, context)

    async def open_run(self, opening: Opening, context: ChatContext) -> OpenedRun:
        return await in_tenant(context.tenant.id, run_queries.open_run, opening, context)

    async def close_run(
        self, run: OpenedRun, state: str, error_code: str = "", leftovers: list[dict[str, Any]] | None = None
    ) -> None:
        await in_tenant(run.context.tenant.id, run_queries.close_run, run, state, error_code, leftovers or [])

    async def keep_trace(self, run: OpenedRun, trace: Trace) -> None:
        await in_tenant(run.context.tenant.id, trace_queries.keep, run, trace)

    async def checkpoint(self, checkpoints: list[Checkpoint]) -> None:
        await in_database(run_queries.upsert_raw, checkpoints)

    async def renew_leases(self, run_ids: list[str]) -> dict[str, Stop]:
        return await in_database(run_queries.renew_leases, run_ids)

    async def look_for_silent_runs(self) -> tuple[datetime, bool]:
        return await in_database(lease_queries.look_for_silent_runs)

    async def give_up_silent_runs(self, answering: Answering) -> list[LostRun]:
        return await in_database(lease_queries.give_up_silent_runs, answering)

    async def request_cancel(self, run_id: str, context: ChatContext) -> str | None:
        return await in_tenant(context.tenant.id, run_queries.request_cancel, run_id, context)

    async def run_state(self, run_id: str, context: ChatContext) -> RunState:
        return await in_tenant(context.tenant.id, run_queries.run_state, run_id, context)
