"""What a tenant's plan leaves (`tenants.models.Quota`): asked for within the statements that begin an answer or take a file.

What was used is known when an answer has ended.  So those that are being written count as one answer each, and what they cost is
counted afterwards.  Of messages that come in the same instant, more than the plan allows may pass.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError

#: The code of the limit on answers that is reached, or null: one value.  Takes the tenant's key.
REACHED = """
SELECT CASE WHEN q.answers_per_day <= used.today + running.n THEN 'quota_of_day'
            WHEN q.answers_per_month <= used.answers + running.n OR q.tokens_per_month <= used.tokens
                 OR q.cost_per_month <= used.cost THEN 'quota_of_month'
            WHEN q.answers_at_once <= running.n THEN 'too_many_answers' END
  FROM tenants_quota q,
       LATERAL (SELECT count(*) AS n FROM chat_run
                 WHERE tenant_id = q.tenant_id AND state = 'running') running,
       LATERAL (SELECT coalesce(sum(answers) FILTER (WHERE day = (now() AT TIME ZONE 'UTC')::date), 0) AS today,
                       coalesce(sum(answers), 0) AS answers, coalesce(sum(input_tokens + output_tokens), 0) AS tokens,
                       coalesce(sum(cost), 0) AS cost
                  FROM tenants_usageday
                 WHERE tenant_id = q.tenant_id AND day >= date_trunc('month', now() AT TIME ZONE 'UTC')::date) used
 WHERE q.tenant_id = %s"""

#: Those that pass with the day or the month, or with a larger plan.
USED_UP = ("quota_of_day", "quota_of_month")

#: What is kept, or may still come: an announced file whose content does not is forgotten after an hour.
COUNTS = "(state <> 'pending' OR created_at > now() - interval '1 hour')"
#: Whether so many bytes more are too many.  Takes the bytes and the tenant's key.
FULL = f"""
EXISTS (SELECT FROM tenants_quota q
         WHERE q.storage_bytes - %s < (SELECT coalesce(sum(size), 0) FROM chat_attachment
                                        WHERE tenant_id = q.tenant_id AND {COUNTS})
                                      + (SELECT coalesce(sum(size), 0) FROM chat_document WHERE tenant_id = q.tenant_id)
           AND q.tenant_id = %s)"""  # noqa: S608 - of constants

#: What a tenant has of everything that a plan limits, in the names of `Quota`.
_USED = f"""
SELECT used.*,
       (SELECT count(*) FROM chat_run WHERE tenant_id = t.id AND state = 'running'),
       (SELECT coalesce(sum(size), 0) FROM chat_attachment WHERE tenant_id = t.id AND {COUNTS})
         + (SELECT coalesce(sum(size), 0) FROM chat_document WHERE tenant_id = t.id)
  FROM tenants_tenant t,
       LATERAL (SELECT coalesce(sum(answers) FILTER (WHERE day = (now() AT TIME ZONE 'UTC')::date), 0),
                       coalesce(sum(answers), 0), coalesce(sum(input_tokens + output_tokens), 0), coalesce(sum(cost), 0)
                  FROM tenants_usageday
                 WHERE tenant_id = t.id AND day >= date_trunc('month', now() AT TIME ZONE 'UTC')::date) used
 WHERE t.id = %s"""  # noqa: S608 - of constants
_USED_NAMES = (
    "answers_per_day", "answers_per_month", "tokens_per_month", "cost_per_month", "answers_at_once", "storage_bytes",
)  # fmt: skip


def used_by(tenant_id: int) -> dict[str, Any]:
    """How much of each limit on answers and files a tenant has used.  One query, in the tenant's scope."""
    (row,) = fetch(_USED, (tenant_id,))
    return dict(zip(_USED_NAMES, row, strict=True))


def check_plan(tenant_id: int) -> None:
    """Asked before what is no answer, but has a provider work.  One query, in the tenant's scope.

    Raises:
        PlatformError: ``quota_of_day``, ``quota_of_month``.
    """
    code = next((row[0] for row in fetch(REACHED, (tenant_id,))), None)
    if code in USED_UP:
        raise refusal(code)


def check_room(tenant_id: int, size: int) -> None:
    """Raises: PlatformError: ``storage_full``: there is no room for so many bytes more.  One query, in the tenant's scope."""
    if fetch(f"SELECT {FULL}", (size, tenant_id))[0][0]:
        raise PlatformError("storage_full")


def refusal(code: str) -> PlatformError:
    """The error for what `REACHED` says."""
    now = datetime.now(UTC)
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match code:
        case "quota_of_day":
            again = begin + timedelta(days=1)
        case "quota_of_month":
            again = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        case _:
            again = now + timedelta(seconds=5)
    return PlatformError(code, headers={"Retry-After": str(max(1, round((again - now).total_seconds())))})
