"""ChatKit's `Store` over asyncpg: a row for each thread and item, keyset paging by row values, prepared statements."""

from __future__ import annotations

import json
import uuid
from typing import Any

import asyncpg
from chatkit.store import NotFoundError, Store
from chatkit.types import Attachment, Page, ThreadItem, ThreadMetadata
from pydantic import TypeAdapter

SCHEMA = """
CREATE TABLE IF NOT EXISTS chatkit_thread (
    id varchar(255) PRIMARY KEY,
    user_id varchar(255) NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS chatkit_thread_item (
    id varchar(255) PRIMARY KEY,
    thread_id varchar(255) NOT NULL REFERENCES chatkit_thread (id) ON DELETE CASCADE,
    user_id varchar(255) NOT NULL,
    type varchar(50),
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX IF NOT EXISTS chatkit_thread_of_user ON chatkit_thread (user_id, created_at, id);
CREATE INDEX IF NOT EXISTS chatkit_item_of_thread ON chatkit_thread_item (thread_id, created_at, id);
"""
_ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
Context = dict[str, Any]


class PeerStore(Store[Context]):
    """Compares the user in every statement."""

    pool: asyncpg.Pool

    async def open(self, dsn: str) -> None:
        self.pool = await asyncpg.create_pool(dsn, min_size=4, max_size=20)
        await self.pool.execute(SCHEMA)

    def generate_thread_id(self, context: Context) -> str:
        return f"thr_{uuid.uuid4().hex}"

    def generate_item_id(self, item_type: Any, thread: ThreadMetadata, context: Context) -> str:
        return f"msg_{uuid.uuid4().hex}"

    async def load_thread(self, thread_id: str, context: Context) -> ThreadMetadata:
        data = await self.pool.fetchval(
            "SELECT data FROM chatkit_thread WHERE id = $1 AND user_id = $2", thread_id, context["user"]
        )
        if data is None:
            raise NotFoundError
        return ThreadMetadata.model_validate(json.loads(data))

    async def save_thread(self, thread: ThreadMetadata, context: Context) -> None:
        await self.pool.execute(
            "INSERT INTO chatkit_thread (id, user_id, data, created_at) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (id) DO UPDATE SET data = excluded.data, updated_at = now() "
            "WHERE chatkit_thread.user_id = excluded.user_id",
            thread.id,
            context["user"],
            json.dumps(thread.model_dump(mode="json")),
            thread.created_at.astimezone(),
        )

    async def load_threads(self, limit: int, after: str | None, order: str, context: Context) -> Page[ThreadMetadata]:
        rows, more = await self._page("chatkit_thread", "user_id", context["user"], limit, after, order, context)
        threads = [ThreadMetadata.model_validate(json.loads(row["data"])) for row in rows]
        return Page(data=threads, has_more=more, after=threads[-1].id if more else None)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: Context
    ) -> Page[ThreadItem]:
        rows, more = await self._page("chatkit_thread_item", "thread_id", thread_id, limit, after, order, context)
        items = [_ITEM.validate_python(json.loads(row["data"])) for row in rows]
        return Page(data=items, has_more=more, after=items[-1].id if more else None)

    async def _page(
        self, table: str, key: str, value: str, limit: int, after: str | None, order: str, context: Context
    ) -> tuple[list[Any], bool]:
        compare, direction = ("<", "DESC") if order == "desc" else (">", "ASC")
        mine = f"{key} = $1 AND user_id = $2"
        ordered = f"ORDER BY created_at {direction}, id {direction} LIMIT $3"
        async with self.pool.acquire() as connection:
            if after:
                cursor = await connection.fetchrow(
                    f"SELECT created_at, id FROM {table} WHERE id = $1 AND user_id = $2", after, context["user"]
                )
                if cursor is None:
                    raise NotFoundError
                sql = f"SELECT data FROM {table} WHERE {mine} AND (created_at, id) {compare} ($4, $5) {ordered}"
                rows = await connection.fetch(sql, value, context["user"], limit + 1, *cursor)
            else:
                sql = f"SELECT data FROM {table} WHERE {mine} {ordered}"
                rows = await connection.fetch(sql, value, context["user"], limit + 1)
        return rows[:limit], len(rows) > limit

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        async with self.pool.acquire() as connection:
            if not await connection.fetchval(
                "SELECT 1 FROM chatkit_thread WHERE id = $1 AND user_id = $2", thread_id, context["user"]
            ):
                raise NotFoundError
            await connection.execute(
                "INSERT INTO chatkit_thread_item (id, thread_id, user_id, type, data, created_at) "
                "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
                item.id,
                thread_id,
                context["user"],
                item.type,
                json.dumps(item.model_dump(mode="json")),
                item.created_at.astimezone(),
            )

    async def save_item(self, thread_id: str, item: ThreadItem, context: Context) -> None:
        await self.add_thread_item(thread_id, item, context)

    async def load_item(self, thread_id: str, item_id: str, context: Context) -> ThreadItem:
        data = await self.pool.fetchval(
            "SELECT data FROM chatkit_thread_item WHERE id = $1 AND user_id = $2", item_id, context["user"]
        )
        if data is None:
            raise NotFoundError
        return _ITEM.validate_python(json.loads(data))

    async def delete_thread(self, thread_id: str, context: Context) -> None:
        await self.pool.execute("DELETE FROM chatkit_thread WHERE id = $1 AND user_id = $2", thread_id, context["user"])

    async def delete_thread_item(self, thread_id: str, item_id: str, context: Context) -> None:
        await self.pool.execute(
            "DELETE FROM chatkit_thread_item WHERE id = $1 AND user_id = $2", item_id, context["user"]
        )

    async def save_attachment(self, attachment: Attachment, context: Context) -> None:
        raise NotImplementedError

    async def load_attachment(self, attachment_id: str, context: Context) -> Attachment:
        raise NotFoundError

    async def delete_attachment(self, attachment_id: str, context: Context) -> None:
        raise NotFoundError
