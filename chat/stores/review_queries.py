"""Finding conversations to look into: filters, and pages that cost the same at any depth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import EndUser
from chat.models import Feedback, Run, Thread
from chat.stores.word_search import Hits
from chat.thread_state import WAITING

#: Keys grow with time, but two that were given at once may change places: a bound by key leaves so many to the exact comparison.
_SLACK = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; empty: everything.  ``hits`` are the threads in which words were found."""

    hits: Hits | None = None
    assistant: int | None = None
    state: str = ""
    feedback: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None


def found(rows: QuerySet[Thread], wanted: Wanted) -> QuerySet[Thread]:
    """Those among ``rows``, newest first."""
    # Who tries a draft is no user.
    rows = rows.exclude(end_user__kind=EndUser.Kind.PREVIEW)
    if wanted.assistant is not None:
        rows = rows.filter(assistant_id=wanted.assistant)
    match wanted.state:
        case "waiting":
            rows = rows.filter(status=Thread.Status.ACTIVE, metadata__has_key=WAITING)
        case "locked" | "closed":
            rows = rows.filter(status=wanted.state)
        case "open":
            rows = rows.filter(status=Thread.Status.ACTIVE).exclude(metadata__has_key=WAITING)
    if wanted.feedback:
        verdicts = Feedback.objects.for_tenant(OuterRef("tenant_id"))  # type: ignore[arg-type]
        rows = rows.filter(Exists(verdicts.filter(item__thread_id=OuterRef("pk"), kind=wanted.feedback)))
    if wanted.outcome:
        runs = Run.objects.for_tenant(OuterRef("tenant_id"))  # type: ignore[arg-type]
        rows = rows.filter(Exists(runs.filter(thread_id=OuterRef("pk"), state=wanted.outcome)))
    if wanted.since is not None:
        rows = _since(rows, _start_of(wanted.since))
    if wanted.until is not None:
        rows = _before(rows, _start_of(wanted.until + timedelta(days=1)))
    if wanted.hits is not None:
        rows = rows.filter(pk__in=wanted.hits.threads)
    return rows.order_by("-pk")


def page(rows: QuerySet[Thread], before: int | None, size: int) -> tuple[list[Thread], int | None]:
    """At most ``size`` rows after those with keys from ``before`` on, and where the next page begins, if there is one."""
    if before is not None:
        rows = rows.filter(pk__lt=before)
    threads = list(rows.select_related("assistant", "end_user", "tenant")[: size + 1])
    return threads[:size], threads[size - 1].pk if len(threads) > size else None


def verdicts_of(threads: list[Thread]) -> dict[int, Counter[str]]:
    """How often each kind of feedback was given, by the key of the thread.  One query.

    Whoever has threads of several tenants works inside `cross_tenant()`.
    """
    counted: dict[int, Counter[str]] = {thread.pk: Counter() for thread in threads}
    tenants = {thread.tenant_id for thread in threads}
    if len(tenants) == 1:
        given: QuerySet[Feedback] = Feedback.objects.for_tenant(*tenants)
    elif tenants:
        given = Feedback.objects.filter(tenant_id__in=tenants)
    else:
        return counted
    for thread, kind in given.filter(item__thread__in=threads).values_list("item__thread_id", "kind"):
        counted[thread][kind] += 1
    return counted


def _since(rows: QuerySet[Thread], moment: datetime) -> QuerySet[Thread]:
    first = rows.filter(created_at__gte=moment).order_by("created_at").values_list("pk", flat=True).first()
    return rows.none() if first is None else rows.filter(created_at__gte=moment, pk__gte=first - _SLACK)


def _before(rows: QuerySet[Thread], moment: datetime) -> QuerySet[Thread]:
    last = rows.filter(created_at__lt=moment).order_by("-created_at").values_list("pk", flat=True).first()
    return rows.none() if last is None else rows.filter(created_at__lt=moment, pk__lte=last + _SLACK)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
