"""The figures of `/metrics`: what this process has done since it started, in the format of Prometheus.

Counting is arithmetic in memory, once for a run and once for a stream; nothing is counted for each piece of an answer.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final

from django.conf import settings
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from chat.stores.base import OpenedRun
from chatplatform.lib.queue import Waiting

#: The label of the tenants beyond `METRICS_TENANTS`; no slug looks like it.
OTHERS: Final = "(others)"

disable_created_metrics()  # type: ignore[no-untyped-call]
_registry = CollectorRegistry()
ProcessCollector(registry=_registry)
_ended = Counter("chatplatform_runs", "Answers that ended here.", ["tenant", "outcome"], registry=_registry)
_going_on = Gauge("chatplatform_active_runs", "Answers being written here.", ["tenant"], registry=_registry)
_streams = Gauge("chatplatform_active_streams", "Readers of answers here.", ["tenant"], registry=_registry)
_first_token = Histogram(
    "chatplatform_first_token_seconds",
    "From the beginning of an answer to its first token.",
    ["tenant"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60),
    registry=_registry,
)
_tokens = Counter(
    "chatplatform_tokens",
    "Tokens of answers. Input includes cached ones, output those of reasoning.",
    ["tenant", "kind"],
    registry=_registry,
)
_queued = Gauge("chatplatform_queued_tasks", "Tasks of the installation that are due.", registry=_registry)
_oldest = Gauge("chatplatform_oldest_task_seconds", "For how long the oldest of them is.", registry=_registry)

_labels: set[str] = set()


def run_began(run: OpenedRun) -> None:
    """An answer is being written."""
    _going_on.labels(_label(run.context.tenant.slug)).inc()


def run_ended(run: OpenedRun, outcome: str) -> None:
    """It is not any more; with ``outcome`` as it is stored."""
    tenant = _label(run.context.tenant.slug)
    _going_on.labels(tenant).dec()
    _ended.labels(tenant, outcome).inc()
    if (used := run.usage) is None:
        return
    if used.first_token_ms is not None:
        _first_token.labels(tenant).observe(used.first_token_ms / 1000)
    for kind, number in (
        ("input", used.input_tokens),
        ("cached", used.cached_tokens),
        ("output", used.output_tokens),
        ("reasoning", used.reasoning_tokens),
    ):
        _tokens.labels(tenant, kind).inc(number)


def streaming(tenant: str) -> AbstractContextManager[None]:
    """While the block lasts, somebody reads an answer."""
    return _streams.labels(_label(tenant)).track_inprogress()


def exposition(waiting: Waiting | None) -> bytes:
    """Everything as text, with the queue that was found; NaN where nobody could look."""
    _queued.set(float("nan") if waiting is None else waiting.tasks)
    _oldest.set(float("nan") if waiting is None else waiting.seconds)
    return generate_latest(_registry)


def _label(slug: str) -> str:
    """The first tenants that come get a label of their own, and keep it as long as the process lives."""
    if slug not in _labels:
        if len(_labels) >= settings.METRICS_TENANTS:
            return OTHERS
        _labels.add(slug)
    return slug
