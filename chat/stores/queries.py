"""The SQL behind `DjangoStore`: threads, items, attachments, feedback.

Synchronous; each function is one statement, so one round trip and atomic by itself.  Every statement finds the thread by its public
id and compares tenant, end user and assistant on that row: a foreign id reads as an unknown one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from chatkit.types import (
    ActiveStatus,
    Attachment,
    ClosedStatus,
    FeedbackKind,
    LockedStatus,
    Page,
    ThreadItem,
    ThreadMetadata,
)
from django.db import ProgrammingError
from django.utils import timezone
from psycopg.errors import InsufficientPrivilege

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.base import FullThread, RawPage, ThreadChanges, not_found, storable
from chat.stores.fence import fenced
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import is_storable_id

#: `{OWNED}` in a statement: the thread by id, and only if it is the caller's.  Four parameters: `owned()`.
OWNED = "t.public_id = %s AND t.tenant_id = %s AND t.end_user_id = %s AND t.assistant_id = %s"
#: `{MINE}`: the attachment by id, and only if it is the caller's.  Four parameters: its id, and `owner()`.
MINE = "a.public_id = %s AND a.tenant_id = %s AND a.end_user_id = %s AND a.assistant_id = %s"
THREAD_COLUMNS = (
    "t.public_id, t.title, t.created_at, t.status, t.status_reason, t.allowed_image_domains::text, t.metadata::text"
)
#: Joins the verdict `f` of the reader on an item `i` of a thread `t`.
_VERDICT = (
    "LEFT JOIN chat_feedback f ON f.item_id = i.id AND f.end_user_id = t.end_user_id AND f.tenant_id = t.tenant_id"
)
_STATUS = {"active": ActiveStatus, "locked": LockedStatus, "closed": ClosedStatus}


def owned(thread_id: str, context: ChatContext) -> tuple[Any, ...]:
    """Parameters of `OWNED`."""
    return (thread_id, *owner(context))


def owner(context: ChatContext) -> tuple[int, int, int]:
    """Tenant, end user and assistant."""
    return (context.tenant.id, context.end_user.id, context.assistant.id)


def checked(thread_id: str) -> str:
    """A thread id that has the shape of one; anything else cannot exist.

    Raises:
        NotFoundError: it has not.
    """
    if not is_storable_id(thread_id):
        raise not_found("Thread", thread_id)
    return thread_id


def thread_of(row: tuple[Any, ...]) -> ThreadMetadata:
    """The SDK's thread for the first seven columns of a row (`THREAD_COLUMNS`)."""
    public_id, title, created_at, status, reason, domains, metadata = row[:7]
    kind = _STATUS[status]
    return ThreadMetadata.model_construct(
        id=public_id,
        title=title,
        created_at=codec.naive_utc(created_at),
        status=ActiveStatus() if kind is ActiveStatus else kind(reason=reason),
        allowed_image_domains=orjson.loads(domains) if domains else None,
        metadata=orjson.loads(metadata),
    )


def thread_values(thread: ThreadMetadata) -> tuple[Any, ...]:
    """Column values of a thread: title, status, reason, domains, metadata."""
    domains = thread.allowed_image_domains
    return (
        codec.cut(thread.title, codec.MAX_TITLE),
        thread.status.type,
        codec.cut(getattr(thread.status, "reason", None), codec.MAX_REASON),
        None if domains is None else codec.to_text(domains),
        codec.metadata_text(thread.metadata),
    )


def upserted(sql: str, params: tuple[Any, ...], kind: str, public_id: str) -> list[tuple[Any, ...]]:
    """The row of an upsert, whose id may be that of a row of another tenant: the database does not even compare that.

    None where it is another's of the same tenant.

    Raises:
        NotFoundError: it is a row of another tenant.
    """
    try:
        return fetch(sql, params)
    except ProgrammingError as error:
        if isinstance(error.__cause__, InsufficientPrivilege):
            raise not_found(kind, public_id) from None
        raise


def one_fenced(
    rows: list[tuple[Any, ...]], thread_id: str, context: ChatContext, run_id: str | None
) -> tuple[Any, ...]:
    """The only row of a statement with `fenced`.

    Raises:
        PlatformError: ``run_superseded``: the thread is there, but another run answers in it now.
        NotFoundError: it is not.
    """
    if not rows and run_id is not None:
        found = fetch(f"SELECT t.id FROM chat_thread t WHERE {OWNED}", owned(thread_id, context))
        one(found, "Thread", thread_id)
        raise PlatformError("run_superseded")
    return one(rows, "Thread", thread_id)


def one(rows: list[tuple[Any, ...]], kind: str, public_id: str) -> tuple[Any, ...]:
    """The only row; ``kind`` and ``public_id`` say in the error what it would have been of.

    Raises:
        NotFoundError: there is none.
    """
    if not rows:
        raise not_found(kind, public_id)
    return rows[0]


# ---- threads


def load_thread(thread_id: str, context: ChatContext) -> ThreadMetadata:
    sql = f"SELECT {THREAD_COLUMNS} FROM chat_thread t WHERE {OWNED}"
    return thread_of(one(fetch(sql, owned(checked(thread_id), context)), "Thread", thread_id))


def load_full_thread(thread_id: str, limit: int, context: ChatContext) -> FullThread:
    sql = f"""
        SELECT {THREAD_COLUMNS}, r.public_id, i.public_id, i.data::text, f.kind FROM chat_thread t
          LEFT JOIN chat_run r ON r.thread_id = t.id AND r.state = 'running'
          LEFT JOIN LATERAL (SELECT id, public_id, data FROM chat_threaditem
                              WHERE thread_id = t.id AND NOT is_hidden ORDER BY id LIMIT %s) i ON true
          {_VERDICT} WHERE {OWNED} ORDER BY i.id"""
    rows = fetch(sql, (limit + 1, *owned(checked(thread_id), context)))
    thread = thread_of(one(rows, "Thread", thread_id))
    return FullThread(
        thread, _page([row[8:] for row in rows if row[9] is not None], limit, for_reader=True), rows[0][7]
    )


def save_thread(thread: ThreadMetadata, context: ChatContext, run_id: str | None = None) -> None:
    """Upsert; `created_at` and owner of an existing thread never change, and a foreign one is not found."""
    fence, fence_values = fenced(run_id)
    rows = upserted(
        f"""
        INSERT INTO chat_thread AS t (public_id, tenant_id, end_user_id, assistant_id, title, status, status_reason,
                                      allowed_image_domains, metadata, created_at, updated_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s)
        ON CONFLICT (public_id) DO UPDATE SET title = excluded.title, status = excluded.status,
               status_reason = excluded.status_reason, allowed_image_domains = excluded.allowed_image_domains,
               metadata = excluded.metadata, updated_at = excluded.updated_at
         WHERE t.tenant_id = excluded.tenant_id AND t.end_user_id = excluded.end_user_id
           AND t.assistant_id = excluded.assistant_id{fence}
        RETURNING t.id""",
        (
            *owned(storable("thread", thread.id), context),
            *thread_values(thread),
            aware(thread.created_at),
            timezone.now(),
            *fence_values,
        ),
        "Thread",
        thread.id,
    )
    one_fenced(rows, thread.id, context, run_id)


def change_thread(
    thread_id: str, changes: ThreadChanges, context: ChatContext, run_id: str | None = None
) -> ThreadMetadata:
    columns: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "status":
            reason = codec.cut(getattr(value, "reason", None), codec.MAX_REASON)
            columns |= {"status = %s": value.type, "status_reason = %s": reason}  # type: ignore[attr-defined]
        elif name == "title":
            columns["title = %s"] = codec.cut(value, codec.MAX_TITLE)  # type: ignore[arg-type]
        elif name == "metadata":
            columns["metadata = %s::jsonb"] = codec.metadata_text(value)  # type: ignore[arg-type]
        else:
            columns[f"{name} = %s::jsonb"] = None if value is None else codec.to_text(value)
    fence, fence_values = fenced(run_id)
    assigned = ", ".join([*columns, "updated_at = now()"])
    sql = f"UPDATE chat_thread t SET {assigned} WHERE {OWNED}{fence} RETURNING {THREAD_COLUMNS}"
    rows = fetch(sql, (*columns.values(), *owned(checked(thread_id), context), *fence_values))
    return thread_of(one_fenced(rows, thread_id, context, run_id))


def delete_thread(thread_id: str, context: ChatContext) -> None:
    """Delete a thread with everything in it (the composite keys cascade)."""
    rows = fetch(f"DELETE FROM chat_thread t WHERE {OWNED} RETURNING t.id", owned(checked(thread_id), context))
    one(rows, "Thread", thread_id)


def load_threads(limit: int, after: str | None, order: str, context: ChatContext) -> Page[ThreadMetadata]:
    rows, cursor = _thread_rows(limit, after, order, context)
    threads = [thread_of(row) for row in rows]
    return Page[ThreadMetadata].model_construct(data=threads, has_more=cursor is not None, after=cursor)


def thread_page(limit: int, after: str | None, order: str, context: ChatContext) -> RawPage:
    rows, cursor = _thread_rows(limit, after, order, context)
    return RawPage([_thread_text(*row[:6]) for row in rows], cursor is not None, cursor)


def _thread_text(  # noqa: PLR0917 - the first six of `THREAD_COLUMNS`
    public_id: str, title: str | None, created_at: datetime, status: str, reason: str | None, domains: str | None
) -> str:
    image_domains = orjson.loads(domains) if domains else None
    raw = codec.thread_json(public_id, title, created_at, status=status, reason=reason, domains=image_domains)
    return orjson.dumps(raw).decode()


def _thread_rows(
    limit: int, after: str | None, order: str, context: ChatContext
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Up to ``limit`` threads in the order of creation (`THREAD_COLUMNS`), and the cursor of the next page if there is one.

    Both ends of the range are row values, which only the index `thread_list` serves.  Asked for equal columns ordered by id, the
    planner may walk down the primary key instead, through everybody's threads.
    """
    tenant, end_user, assistant = owner(context)
    above: tuple[str, tuple[Any, ...]] = ("0", ())
    below: tuple[str, tuple[Any, ...]] = ("9223372036854775807", ())
    direction = "DESC" if order == "desc" else "ASC"
    if after is not None:
        cursor = f"(SELECT t.id FROM chat_thread t WHERE {OWNED})", owned(after, context)
        above, below = (above, cursor) if order == "desc" else (cursor, below)
    sql = f"""
        SELECT {THREAD_COLUMNS} FROM chat_thread t WHERE t.tenant_id = %s AND t.end_user_id = %s
           AND (t.assistant_id, t.id) > (%s, {above[0]}) AND (t.assistant_id, t.id) < (%s, {below[0]})
         ORDER BY t.assistant_id {direction}, t.id {direction} LIMIT %s"""
    rows = fetch(sql, (tenant, end_user, assistant, *above[1], assistant, *below[1], limit + 1))
    return rows[:limit], rows[limit - 1][0] if len(rows) > limit else None


# ---- items


def load_items(
    thread_id: str, after: str | None, limit: int, order: str, context: ChatContext, *, include_hidden: bool
) -> RawPage:
    compare, direction = ("<", "DESC") if order == "desc" else (">", "ASC")
    # What the model reads knows nothing of verdicts.
    visible, verdict, kind = ("", "", "NULL") if include_hidden else (" AND NOT is_hidden", _VERDICT, "f.kind")
    cursor, params = "", [limit + 1, *owned(checked(thread_id), context)]
    if after is not None:
        cursor = f" AND id {compare} (SELECT id FROM chat_threaditem WHERE thread_id = t.id AND public_id = %s)"
        params.insert(0, after)
    sql = f"""
        SELECT i.public_id, i.data::text, {kind} FROM chat_thread t
          LEFT JOIN LATERAL (SELECT id, public_id, data FROM chat_threaditem
                              WHERE thread_id = t.id{visible}{cursor} ORDER BY id {direction} LIMIT %s) i ON true
          {verdict} WHERE {OWNED} ORDER BY i.id {direction}"""
    rows = fetch(sql, params)
    one(rows, "Thread", thread_id)
    return _page([row for row in rows if row[0] is not None], limit, for_reader=not include_hidden)


def load_item(thread_id: str, item_id: str, context: ChatContext) -> str:
    sql = f"""SELECT i.data::text FROM chat_thread t JOIN chat_threaditem i ON i.thread_id = t.id AND i.public_id = %s
               WHERE {OWNED}"""
    return str(one(fetch(sql, (item_id, *owned(checked(thread_id), context))), "Item", item_id)[0])


def put_item(
    thread_id: str, item: ThreadItem, context: ChatContext, run_id: str | None, fence_id: str | None = None
) -> None:
    """Upsert.  Fields that the SDK does not write are kept, as is the place in the thread.

    The item becomes one of ``run_id``; ``fence_id`` is the run that must still produce the answer.
    """
    fence, fence_values = fenced(fence_id)
    sql = f"""
        INSERT INTO chat_threaditem AS i (tenant_id, thread_id, run_id, public_id, type, is_hidden, data, created_at)
        SELECT t.tenant_id, t.id, (SELECT r.id FROM chat_run r WHERE r.public_id = %s AND r.thread_id = t.id),
               %s, %s, %s, %s::jsonb, %s FROM chat_thread t WHERE {OWNED}{fence} FOR SHARE OF t
        ON CONFLICT (thread_id, public_id) DO UPDATE SET type = excluded.type, is_hidden = excluded.is_hidden,
               run_id = coalesce(excluded.run_id, i.run_id), data = (i.data - %s::text[]) || excluded.data
        RETURNING i.id"""
    place = (*owned(checked(thread_id), context), *fence_values)
    values = (*item_values(codec.dump_stored(item)), *place, codec.known_fields(item))
    one_fenced(fetch(sql, (run_id, *values)), thread_id, context, fence_id)


def delete_item(thread_id: str, item_id: str, context: ChatContext, run_id: str | None = None) -> None:
    """What is gone already may be removed again; a foreign thread is not found."""
    fence, fence_values = fenced(run_id)
    sql = f"""
        WITH mine AS (SELECT t.id FROM chat_thread t WHERE {OWNED}{fence} FOR SHARE OF t),
             gone AS (DELETE FROM chat_threaditem i USING mine WHERE i.thread_id = mine.id AND i.public_id = %s)
        SELECT id FROM mine"""
    rows = fetch(sql, (*owned(checked(thread_id), context), *fence_values, item_id))
    one_fenced(rows, thread_id, context, run_id)


def item_values(raw: dict[str, Any]) -> tuple[Any, ...]:
    """Column values of an item's JSON: public id, type, hidden, data, created_at."""
    kind = str(raw["type"])
    return (storable("item", str(raw["id"])), kind, kind in codec.HIDDEN_TYPES, codec.to_text(raw), raw["created_at"])


def add_feedback(thread_id: str, item_ids: list[str], kind: FeedbackKind, context: ChatContext) -> None:
    """Upsert the caller's verdict on all items, or on none when one of them is not there."""
    wanted = sorted(set(item_ids))
    sql = f"""
        WITH found AS (
            SELECT i.tenant_id, i.id FROM chat_thread t JOIN chat_threaditem i ON i.thread_id = t.id
             WHERE {OWNED} AND i.public_id = ANY(%s::text[]) AND NOT i.is_hidden)
        INSERT INTO chat_feedback (tenant_id, item_id, end_user_id, kind, created_at, updated_at)
        SELECT tenant_id, id, %s, %s, now(), now() FROM found WHERE (SELECT count(*) FROM found) = %s
        ON CONFLICT (item_id, end_user_id) DO UPDATE SET kind = excluded.kind, updated_at = excluded.updated_at
        RETURNING id"""
    rows = fetch(sql, (*owned(checked(thread_id), context), wanted, context.end_user.id, kind, len(wanted)))
    one(rows, "Item", ", ".join(wanted))


# ---- attachments


#: An attachment's JSON and the id of its thread, which is nobody else's: `attachment_of`.
ATTACHMENT_COLUMNS = "a.data::text, (SELECT t.public_id FROM chat_thread t WHERE t.id = a.thread_id)"


def attachment_of(row: tuple[Any, ...]) -> Attachment:
    """The SDK's object for `ATTACHMENT_COLUMNS`."""
    return codec.load_attachment(orjson.loads(row[0]) | {"thread_id": row[1]})


def load_attachment(attachment_id: str, context: ChatContext) -> Attachment:
    rows = fetch(f"SELECT {ATTACHMENT_COLUMNS} FROM chat_attachment a WHERE {MINE}", (attachment_id, *owner(context)))
    return attachment_of(one(rows, "Attachment", attachment_id))


def save_attachment(attachment: Attachment, context: ChatContext) -> None:
    """Upsert.  An attachment that is bound to a thread stays with it, and a foreign one is not found."""
    thread_id = attachment.thread_id
    rows = upserted(
        """
        INSERT INTO chat_attachment AS a (tenant_id, end_user_id, assistant_id, public_id, state, data, size, sha256, text,
                                          created_at, thread_id)
        SELECT %s, %s, %s, %s, 'pending', %s::jsonb, 0, '', '', now(),
               (SELECT t.id FROM chat_thread t
                 WHERE t.public_id = %s AND t.tenant_id = %s AND t.end_user_id = %s AND t.assistant_id = %s)
        ON CONFLICT (public_id) DO UPDATE SET data = a.data || excluded.data, thread_id = excluded.thread_id
         WHERE a.tenant_id = excluded.tenant_id AND a.end_user_id = excluded.end_user_id
           AND a.assistant_id = excluded.assistant_id AND (a.thread_id IS NULL OR a.thread_id = excluded.thread_id)
        RETURNING (a.thread_id IS NULL) = %s""",
        (
            *owner(context), storable("attachment", attachment.id), codec.to_text(attachment.model_dump(mode="json")),
            thread_id, *owner(context), thread_id is None,
        ),
        "Attachment",
        attachment.id,
    )  # fmt: skip
    if not one(rows, "Attachment", attachment.id)[0]:
        raise not_found("Thread", str(thread_id))


def delete_attachment(attachment_id: str, context: ChatContext) -> None:
    """What is unknown, foreign or gone already may be deleted again."""
    fetch(f"DELETE FROM chat_attachment a WHERE {MINE} RETURNING a.id", (attachment_id, *owner(context)))


def aware(moment: Any) -> Any:
    """A naive UTC time of the SDK as PostgreSQL wants it."""
    return codec.utc_text(moment)


def _page(rows: list[tuple[Any, ...]], limit: int, *, for_reader: bool) -> RawPage:
    """A page of `(public id, JSON text, verdict)` rows of which one more than ``limit`` was asked for."""
    more = len(rows) > limit
    shown = rows[:limit]
    texts = [codec.for_reader(row[1], row[2]) if for_reader else row[1] for row in shown]
    return RawPage(texts, more, shown[-1][0] if more else None)
