"""The channel layer and the worker, as `/readyz` sees them."""

from __future__ import annotations

from collections.abc import Iterable

from asgiref.sync import async_to_sync
from django.conf import settings

from chatplatform.doctor.findings import Finding, error, warning
from chatplatform.health import examine
from chatplatform.lib import task_leases


def behind_us() -> Iterable[Finding]:
    health = async_to_sync(examine)()
    if health.channel_layer == "failed":
        yield error("doctor.channel_layer_failed")
    if not (settings.REDIS_URL or settings.DEBUG):
        yield warning("doctor.channel_layer_alone")
    if health.worker == "failed" and health.waiting:
        tasks, seconds = health.waiting
        waiting = "1 task waits" if tasks == 1 else f"{tasks} tasks wait"
        yield error("doctor.worker_lags", f"{waiting} for a worker, the oldest for {seconds:.0f} seconds.")
    if health.database == "ok" and (tasks := task_leases.given_up()):
        were = "1 task was given up, because its" if tasks == 1 else f"{tasks} tasks were given up, because their"
        yield warning("doctor.tasks_given_up", f"{were} workers died.")
