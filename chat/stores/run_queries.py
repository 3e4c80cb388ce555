"""The SQL behind `DjangoStore`: runs, and the changes that open one.

Opening a run takes the thread's lock (`run_one_per_thread`) and makes the request's change in one transaction; closing it stores
what was left unfinished and gives the lock back in another.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import Any

import orjson
from chatkit.types import StructuredInputSubmission, ThreadItem, ThreadMetadata, WidgetItem
from django.conf import settings
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from chat.context import ChatContext
from chat.stores import budget, codec, questions
from chat.stores.base import (
    UNSET,
    Checkpoint,
    LostRun,
    OpenedRun,
    Opening,
    RunState,
    Stop,
    not_found,
    storable,
)
from chat.stores.lease_queries import LEASE, give_up, lease_seconds
from chat.stores.queries import (
    MINE,
    OWNED,
    THREAD_COLUMNS,
    aware,
    checked,
    item_values,
    one,
    owned,
    owner,
    thread_of,
    thread_values,
)
from chat.stores.usage import RunUsage
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)

# Whether the plan allows an answer; the thread, found or made; then its lock, which is given only where the thread is active
# and has none; then the message.
_EXISTING_THREAD = f"SELECT t.* FROM chat_thread t WHERE {OWNED} FOR NO KEY UPDATE"
_NEW_THREAD = """
INSERT INTO chat_thread (public_id, tenant_id, end_user_id, assistant_id, title, status, status_reason, allowed_image_domains,
                         metadata, created_at, updated_at)
SELECT %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, now() FROM plan WHERE reached IS NULL RETURNING *"""
_LOCK = f"""
INSERT INTO chat_run (tenant_id, thread_id, end_user_id, public_id, embed, operation, state, owner, lease_expires_at, error_code,
                      epoch, created_at)
SELECT tenant_id, id, end_user_id, %s, %s, %s, 'running', %s, {LEASE}, '', epoch, %s FROM t, plan
 WHERE status = 'active' AND reached IS NULL
ON CONFLICT (thread_id) WHERE state = 'running' DO NOTHING RETURNING id, tenant_id, thread_id"""
_MESSAGE = """
INSERT INTO chat_threaditem (tenant_id, thread_id, run_id, public_id, type, is_hidden, data, created_at)
SELECT tenant_id, thread_id, id, %s, %s, %s, %s::jsonb, %s FROM r"""


def open_run(opening: Opening, context: ChatContext) -> OpenedRun:
    # A new thread with a message of text alone is one statement, which needs no transaction around it.
    is_one_statement = opening.creates is not None and opening.adds is not None and not opening.adds.attachments
    with nullcontext() if is_one_statement else transaction.atomic():
        return _open_run(opening, context)


def _open_run(opening: Opening, context: ChatContext) -> OpenedRun:
    raw = codec.dump_stored(opening.adds) if opening.adds is not None else None
    key, thread, lost = _take_thread(opening, raw, context)
    opened = OpenedRun(opening.run_id, thread, context, [], opening.adds, took_over=lost)
    if raw is not None and opening.adds is not None:
        _attach_files(key, opening.adds.attachments, context)
        # Read after the lock was taken, so that nothing of an answer that has just ended is missing.
        opened.history = [codec.to_text(raw)] if opening.creates is not None else _history(key, new=1)
        return opened
    if opening.tool_result is not UNSET:
        _complete_tool_call(key, opening.tool_result)
    elif opening.retries is not None:
        opened.item = _rewind(key, opening.retries, thread)
    elif opening.answers is not None:
        opened.item = _answer_questions(key, *opening.answers)
    elif opening.sender is not None:
        raw_sender = fetch(
            "SELECT data::text FROM chat_threaditem WHERE thread_id = %s AND public_id = %s", (key, opening.sender)
        )
        opened.item = codec.load_item(orjson.loads(one(raw_sender, "Item", opening.sender)[0]))
        if not isinstance(opened.item, WidgetItem):
            raise PlatformError("not_a_widget")
    opened.history = _history(key)
    return opened


def _take_thread(
    opening: Opening, message: dict[str, Any] | None, context: ChatContext
) -> tuple[int, Any, list[LostRun]]:
    """Find or create the thread, take its lock and add the message, in one statement: its key, the thread, and whose it was.

    Where the plan allows no answer, or the thread is not active or has a lock, nothing is changed.
    """
    now = timezone.now()
    new = opening.creates
    if new is None:
        thread_sql, values = _EXISTING_THREAD, owned(checked(opening.thread_id), context)
    else:
        named = owned(storable("thread", new.id), context)
        thread_sql, values = _NEW_THREAD, (*named, *thread_values(new), aware(new.created_at))
    run = (opening.run_id, context.session.embed, opening.operation, opening.owner, lease_seconds(), now)
    values = (context.tenant.id, *values, *run)
    message_sql = ""
    if message is not None:
        message_sql, values = f", i AS ({_MESSAGE})", (*values, *item_values(message))
    sql = (
        f"WITH plan AS MATERIALIZED (SELECT ({budget.REACHED}) AS reached), t AS ({thread_sql}), r AS ({_LOCK}){message_sql} "
        f"SELECT {THREAD_COLUMNS}, t.id, r.id, reached FROM plan LEFT JOIN t ON true LEFT JOIN r ON true"
    )
    row = one(fetch(sql, values), "Thread", opening.thread_id)
    key, run_key, reached = row[7:]
    if key is None and new is None:
        raise not_found("Thread", opening.thread_id)
    thread = new or thread_of(row)
    if thread.status.type != "active":
        raise PlatformError("thread_locked" if thread.status.type == "locked" else "thread_closed")
    if reached is not None:
        raise budget.refusal(reached)
    lost: list[LostRun] = []
    if run_key is None and (lost := give_up(key, opening.answering)):
        run_key = one(fetch(sql, values), "Thread", opening.thread_id)[8]
    if run_key is None:
        raise PlatformError("run_in_progress")
    return key, thread, lost


def _history(key: int, new: int = 0) -> list[str]:
    """The newest items as JSON texts, oldest first: ``new`` ones, and the earlier ones that the model is shown."""
    sql = "SELECT data::text FROM chat_threaditem WHERE thread_id = %s ORDER BY id DESC LIMIT %s"
    return [row[0] for row in reversed(fetch(sql, (key, settings.CHAT_HISTORY_ITEMS + new)))]


def _attach_files(key: int, attachments: list[Any], context: ChatContext) -> None:
    """Bind attachments to the thread; each must be the caller's and free."""
    for attachment in attachments:
        rows = fetch(
            f"UPDATE chat_attachment a SET thread_id = %s WHERE {MINE} AND (a.thread_id IS NULL OR a.thread_id = %s) "
            "RETURNING a.id",
            (key, attachment.id, *owner(context), key),
        )
        one(rows, "Attachment", attachment.id)


def _complete_tool_call(key: int, result: Any) -> None:
    """Give the newest item, a pending client tool call, its result; older pending calls were abandoned and go."""
    rows = fetch(
        "SELECT id, data->>'status' FROM chat_threaditem WHERE thread_id = %s AND NOT is_hidden AND type = 'client_tool_call' "
        "AND id = (SELECT max(id) FROM chat_threaditem WHERE thread_id = %s AND NOT is_hidden)",
        (key, key),
    )
    if not rows or rows[0][1] != "pending":
        raise PlatformError("no_pending_tool_call")
    done = codec.to_text({"status": "completed", "output": result})
    fetch("UPDATE chat_threaditem SET data = data || %s::jsonb WHERE id = %s", (done, rows[0][0]))
    fetch(
        "DELETE FROM chat_threaditem WHERE thread_id = %s AND type = 'client_tool_call' AND data->>'status' = 'pending'",
        (key,),
    )


def _answer_questions(key: int, item_id: str, given: StructuredInputSubmission) -> ThreadItem:
    """Write the answers into a structured input.  The thread's lock is held, so that the second of two answers finds the first."""
    sql = "SELECT data::text FROM chat_threaditem WHERE thread_id = %s AND public_id = %s AND NOT is_hidden"
    raw = questions.answered(orjson.loads(one(fetch(sql, (key, item_id)), "Item", item_id)[0]), given)
    fetch(
        "UPDATE chat_threaditem SET data = %s::jsonb WHERE thread_id = %s AND public_id = %s",
        (codec.to_text(raw), key, item_id),
    )
    return codec.load_item(raw)


def _rewind(key: int, item_id: str, thread: ThreadMetadata) -> Any:
    """Remove everything after a user's message, and a summary that knows more than that; return the message."""
    sql = "SELECT id, data::text FROM chat_threaditem WHERE thread_id = %s AND public_id = %s AND NOT is_hidden"
    item_key, raw = one(fetch(sql, (key, item_id)), "Item", item_id)
    item = codec.load_item(orjson.loads(raw))
    if item.type != "user_message":
        raise PlatformError("not_a_user_message")
    fetch("DELETE FROM chat_threaditem WHERE thread_id = %s AND id > %s", (key, item_key))
    summary = thread.metadata.get("summary")
    if summary is not None and summary["until_key"] >= item_key:
        del thread.metadata["summary"]
        fetch("UPDATE chat_thread SET metadata = metadata - 'summary' WHERE id = %s", (key,))
    return item


def close_run(run: OpenedRun, state: str, error_code: str, leftovers: list[dict[str, Any]]) -> None:
    try:
        ended_as = _close_run(run, state, error_code, leftovers)
    except (DataError, IntegrityError) as problem:
        if run.usage is None:
            raise
        # Numbers that no column takes must not keep the run open, nor the answer from being counted as one.
        logger.warning("the usage of a run did not fit: %s", type(problem).__name__)
        run.usage = RunUsage(run.usage.provider, run.usage.model, is_estimated=True)
        ended_as = _close_run(run, state, error_code, leftovers)
    if ended_as == "lost" != state:
        raise PlatformError("run_superseded")


def _close_run(run: OpenedRun, state: str, error_code: str, leftovers: list[dict[str, Any]]) -> str | None:
    """The state in which it has ended now, or had before; None where it is gone with its thread.

    In an epoch that is not its own, it ends as lost.  The thread is locked before the run, as by whoever takes it over.
    """
    used_sql, used = _used(run, state, error_code)
    place = (run.run_id, run.context.tenant.id)
    # Most runs leave nothing unfinished, and one statement needs no transaction around it.
    with transaction.atomic() if leftovers else nullcontext():
        upsert_raw([Checkpoint(run.run_id, run.thread.id, raw, run.context) for raw in leftovers])
        rows = fetch(
            "WITH t AS (SELECT t.id, t.epoch FROM chat_thread t JOIN chat_run r ON r.thread_id = t.id "
            "WHERE r.public_id = %s AND r.tenant_id = %s FOR NO KEY UPDATE OF t), "
            "ended AS (UPDATE chat_run r SET state = CASE WHEN r.epoch = t.epoch THEN %s ELSE 'lost' END, "
            "error_code = CASE WHEN r.epoch = t.epoch THEN %s ELSE 'run_superseded' END, finished_at = now() "
            "FROM t WHERE r.thread_id = t.id AND r.public_id = %s AND r.state = 'running' RETURNING r.thread_id, r.state), "
            "touched AS (UPDATE chat_thread SET updated_at = now() WHERE id = (SELECT thread_id FROM ended)), "
            "final AS (SELECT coalesce((SELECT state FROM ended), (SELECT CASE r.state WHEN 'running' THEN 'lost' ELSE r.state END "
            f"FROM chat_run r WHERE r.public_id = %s AND r.tenant_id = %s)) AS state) {used_sql}SELECT state FROM final",
            (*place, state, error_code, run.run_id, *place, *used),
        )
    return None if rows[0][0] is None else str(rows[0][0])


def _used(run: OpenedRun, state: str, error_code: str) -> tuple[str, tuple[Any, ...]]:
    """What keeps a run's usage: part of a statement, and its values.  Once for a run, also of one that was given up as lost."""
    usage = run.usage
    if usage is None:
        return "", ()
    sql = """
        , used AS (
            INSERT INTO tenants_usage (
                tenant_id, assistant_id, run, end_user, provider, model, requests, input_tokens, cached_tokens, output_tokens,
                reasoning_tokens, is_estimated, cost, prices, first_token_ms, total_ms, outcome, error_code, created_at)
            SELECT a.tenant_id, a.id, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::numeric, %s::jsonb, %s::int, %s,
                   coalesce(final.state, %s), CASE WHEN final.state <> %s THEN 'run_superseded' ELSE %s END, now()
              FROM tenants_assistant a, final WHERE a.id = %s AND a.tenant_id = %s
            ON CONFLICT (run) DO NOTHING) """
    values = (
        run.run_id,
        run.context.end_user.public_id,
        usage.provider,
        usage.model,
        usage.requests,
        usage.input_tokens,
        usage.cached_tokens,
        usage.output_tokens,
        usage.reasoning_tokens,
        usage.is_estimated,
        usage.cost,
        codec.to_text(usage.prices),
        usage.first_token_ms,
        usage.total_ms,
        state,
        state,
        error_code,
        run.context.assistant.id,
        run.context.tenant.id,
    )
    return sql, values


def upsert_raw(checkpoints: list[Checkpoint]) -> None:
    """Store item JSON as it stands, for runs that are still going on; one statement for all."""
    if not checkpoints:
        return
    values = [item_values(point.item) for point in checkpoints]
    fetch(
        """
        INSERT INTO chat_threaditem (tenant_id, thread_id, run_id, public_id, type, is_hidden, data, created_at)
        SELECT r.tenant_id, r.thread_id, r.id, c.public_id, c.type, c.is_hidden, c.data::jsonb, c.created_at::timestamptz
          FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::bool[], %s::text[], %s::text[])
               AS c (run_id, tenant_id, public_id, type, is_hidden, data, created_at)
          JOIN chat_run r ON r.public_id = c.run_id AND r.tenant_id = c.tenant_id AND r.state = 'running'
          JOIN chat_thread t ON t.id = r.thread_id AND t.epoch = r.epoch FOR SHARE OF t
        ON CONFLICT (thread_id, public_id) DO UPDATE SET data = excluded.data, run_id = excluded.run_id""",
        (
            [point.run_id for point in checkpoints],
            [point.context.tenant.id for point in checkpoints],
            *[list(column) for column in zip(*values, strict=True)],
        ),
        across="the answers of a process are those of many tenants",
    )


def renew_leases(run_ids: list[str]) -> dict[str, Stop]:
    rows = fetch(
        f"UPDATE chat_run r SET lease_expires_at = {LEASE} FROM chat_thread t WHERE r.public_id = ANY(%s::text[]) "
        "AND r.state = 'running' AND t.id = r.thread_id AND t.epoch = r.epoch "
        "RETURNING r.public_id, r.cancel_requested_at IS NOT NULL",
        (lease_seconds(), run_ids),
        across="the answers of a process are those of many tenants",
    )
    renewed = dict(rows)
    stops: dict[str, Stop] = {run_id: "superseded" for run_id in run_ids if run_id not in renewed}
    return stops | {run_id: "cancelled" for run_id, is_cancelled in renewed.items() if is_cancelled}


def request_cancel(run_id: str, context: ChatContext) -> str | None:
    tenant, end_user, assistant = owner(context)
    rows = fetch(
        "UPDATE chat_run r SET cancel_requested_at = coalesce(r.cancel_requested_at, now()) FROM chat_thread t "
        "WHERE r.public_id = %s AND r.tenant_id = %s AND r.end_user_id = %s AND t.id = r.thread_id AND t.assistant_id = %s "
        "RETURNING r.owner, r.state",
        (run_id, tenant, end_user, assistant),
    )
    run_owner, state = one(rows, "Run", run_id)
    return run_owner if state == "running" else None


def run_state(run_id: str, context: ChatContext) -> RunState:
    tenant, end_user, assistant = owner(context)
    sql = f"""
        SELECT {THREAD_COLUMNS}, r.state, r.owner, r.error_code, i.data::text
          FROM chat_run r JOIN chat_thread t ON t.id = r.thread_id
          LEFT JOIN chat_threaditem i ON i.run_id = r.id AND NOT i.is_hidden
         WHERE r.public_id = %s AND r.tenant_id = %s AND r.end_user_id = %s AND t.assistant_id = %s ORDER BY i.id"""
    rows = fetch(sql, (run_id, tenant, end_user, assistant))
    row = one(rows, "Run", run_id)
    state, run_owner, error_code = row[7:10]
    return RunState(
        state=state,
        owner=run_owner if state == "running" else None,
        error_code=error_code,
        thread=thread_of(row),
        items=[codec.for_reader(r[10]) for r in rows if r[10] is not None],
    )
