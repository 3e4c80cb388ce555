"""One-use tokens of actions: what a click may do, kept on the server until somebody clicks.

Synchronous; each function is one statement.  A token belongs to one thread of one end user, and to one purpose.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import orjson
from django.utils import timezone

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.queries import OWNED, checked, one, owned
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError

#: How long a question in the thread can be decided.
LIFETIME = timedelta(hours=1)


def issue(purpose: str, data: dict[str, Any], thread_id: str, context: ChatContext) -> str:
    """A new token.  Those of the same end user that ended a day ago are removed on the way.

    Raises:
        NotFoundError: the thread is unknown or foreign.
    """
    token = secrets.token_urlsafe(32)
    expires_at = timezone.now() + LIFETIME
    sql = f"""
        WITH gone AS (DELETE FROM chat_actiontoken WHERE end_user_id = %s AND expires_at < now() - interval '1 day')
        INSERT INTO chat_actiontoken (tenant_id, thread_id, end_user_id, token_hash, purpose, data, created_at, expires_at)
        SELECT t.tenant_id, t.id, t.end_user_id, %s, %s, %s::jsonb, now(), %s FROM chat_thread t WHERE {OWNED} RETURNING id"""
    values = (context.end_user.id, _hash(token), purpose, codec.to_text(data), expires_at)
    one(fetch(sql, (*values, *owned(checked(thread_id), context))), "Thread", thread_id)
    return token


def read(token: object, purpose: str, thread_id: str, context: ChatContext) -> dict[str, Any]:
    """What an unused token stands for.  It stays unused.

    Raises:
        PlatformError: ``action_expired``: used, too old, or nobody's.
    """
    sql = f"""
        SELECT k.data::text FROM chat_actiontoken k JOIN chat_thread t ON t.id = k.thread_id
         WHERE {OWNED} AND k.token_hash = %s AND k.purpose = %s AND k.used_at IS NULL AND k.expires_at > now()"""
    return _data(fetch(sql, (*owned(checked(thread_id), context), _hash(token), purpose)))


def claim(token: object, purpose: str, thread_id: str, context: ChatContext) -> dict[str, Any]:
    """The same, and uses it: of two claims at once, one gets it.

    Raises:
        PlatformError: ``action_expired``.
    """
    sql = f"""
        UPDATE chat_actiontoken k SET used_at = now() FROM chat_thread t
         WHERE t.id = k.thread_id AND {OWNED} AND k.token_hash = %s AND k.purpose = %s
           AND k.used_at IS NULL AND k.expires_at > now() RETURNING k.data::text"""
    return _data(fetch(sql, (*owned(checked(thread_id), context), _hash(token), purpose)))


def _data(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    if not rows:
        raise PlatformError("action_expired")
    data: dict[str, Any] = orjson.loads(rows[0][0])
    return data


def _hash(token: object) -> bytes:
    return hashlib.sha256(str(token).encode("utf-8", "replace")).digest()
