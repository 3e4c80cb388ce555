"""The SQL behind what lost runs used: which of them have no row of usage, and what is stored of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from chatplatform.lib.db_pool import fetch
from tenants.models import Usage

#: How many runs are looked at in one round.
BATCH = 50
ACROSS = "a process that died answered in many tenants"
# The producer of a run that was given up may live after all, and tells what it really used: it has the time of a lease.
_LOST = """
SELECT r.id, r.public_id, r.tenant_id, r.thread_id, t.assistant_id, e.public_id, r.error_code,
       greatest(extract(epoch FROM least(r.finished_at, r.lease_expires_at) - r.created_at), 0)::float8 * 1000,
       coalesce(v.provider, ''), coalesce(v.model, ''), coalesce(v.instructions, '')
  FROM chat_run r
  JOIN chat_thread t ON t.id = r.thread_id
  JOIN accounts_enduser e ON e.id = r.end_user_id
  JOIN tenants_assistant a ON a.id = t.assistant_id
  LEFT JOIN tenants_assistantversion v ON v.id = a.published_version_id
 WHERE r.state = 'lost' AND r.finished_at BETWEEN now() - interval '7 days' AND now() - make_interval(secs => %s)
   AND NOT EXISTS (SELECT FROM tenants_usage u WHERE u.run = r.public_id)
 ORDER BY r.finished_at LIMIT %s"""
_ITEMS = """
SELECT run_id = %s AND type <> 'user_message', data::text FROM chat_threaditem
 WHERE thread_id = %s AND id <= coalesce((SELECT max(id) FROM chat_threaditem WHERE thread_id = %s AND run_id = %s), 0)
 ORDER BY id DESC LIMIT %s"""


@dataclass(frozen=True, slots=True)
class LostUsage:
    """A lost run of which nobody told what it used.

    ``given`` is what the model read, as far as it is stored; ``written`` how many characters are stored of its answer.  Both are
    empty where nothing is stored of an answer: then nobody knows whether a model had begun.
    """

    run_id: str
    tenant_id: int
    assistant_id: int
    end_user: str
    error_code: str
    milliseconds: int
    provider: str
    model: str
    given: str
    written: int


def lost_without_usage() -> list[LostUsage]:
    """Some of them, of all tenants.  One query, and one for each."""
    rows = fetch(_LOST, (float(settings.CHAT_RUN_LEASE_SECONDS), BATCH), across=ACROSS)
    return [_with_items(row) for row in rows]


def _with_items(row: tuple[Any, ...]) -> LostUsage:
    key, run_id, tenant_id, thread_key, *values, provider, model, instructions = row
    items = fetch(_ITEMS, (key, thread_key, thread_key, key, settings.CHAT_HISTORY_ITEMS), across=ACROSS)
    answers = [orjson.loads(raw) for is_answer, raw in items if is_answer]
    given = "".join([instructions, *(raw for is_answer, raw in items if not is_answer)]) if answers else ""
    assistant_id, end_user, error_code, milliseconds = values
    return LostUsage(
        run_id=run_id,
        tenant_id=tenant_id,
        assistant_id=assistant_id,
        end_user=end_user,
        error_code=error_code,
        milliseconds=round(milliseconds),
        provider=provider,
        model=model,
        given=given,
        written=sum(_length(item) for item in answers),
    )


def _length(item: dict[str, Any]) -> int:
    """How many characters the model wrote of an item: its texts, or all of what is no message."""
    parts = item.get("content")
    if item["type"] == "assistant_message" and isinstance(parts, list):
        return sum(len(part.get("text", "")) for part in parts)
    return len(orjson.dumps(item))


def keep_once(row: Usage) -> None:
    """Insert it, unless the run has one by now; in the tenant's scope."""
    Usage.objects.bulk_create([row], ignore_conflicts=True)
