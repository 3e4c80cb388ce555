"""The worker outlives its database, and what a worker that died left is done."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat.models import Thread
from chat.tasks import name_thread
from chatplatform.doctor import services
from chatplatform.lib import task_leases
from tests.conftest import Browse, quick
from tests.support import databases
from tests.support.cast import Cast
from tests.support.environment import PROJECT
from tests.support.provider import Hold, Provider
from tests.support.tcp_proxy import database_proxy

Eventually = Callable[..., Any]


class WorkerProcess:
    """A real `manage.py db_worker`."""

    def __init__(self, log: Path, **variables: str) -> None:
        self.log_path = log
        command = [sys.executable, "manage.py", "db_worker", "--no-reload", "--no-startup-delay", "--interval", "0.1"]
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=PROJECT,
                env={**os.environ, "WORKER_LEASE_SECONDS": "1", **variables},
                stdout=file,
                stderr=file,
            )

    @property
    def log(self) -> str:
        return self.log_path.read_text()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=20)


StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def start_worker(cast: Cast, provider: Provider, tmp_path: Path) -> Iterator[StartWorker]:
    workers: list[WorkerProcess] = []

    def start(**variables: str) -> WorkerProcess:
        given = {"DATABASE_URL": databases.url_of(), **quick(provider), **variables}
        workers.append(WorkerProcess(tmp_path / f"worker-{len(workers)}.log", **given))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.poll() is None:
            worker.kill()
    assert not [worker.log for worker in workers if "Traceback" in worker.log]


def orphan(attempts: int) -> Any:
    """A task whose worker died long ago."""
    name_thread.enqueue(1, "thr_unknown")
    row = DBTaskResult.objects.latest("enqueued_at")
    row.status, row.started_at = "RUNNING", timezone.now() - timedelta(minutes=5)
    row.worker_ids = [f"dead-{number}" for number in range(attempts)]
    row.save()
    return row


def state_of(row: Any) -> str:
    return str(DBTaskResult.objects.values_list("status", flat=True).get(pk=row.pk))


def test_the_task_of_a_killed_worker_is_done_by_another_and_that_of_a_living_one_is_not(
    start_worker: StartWorker, browse: Browse, provider: Provider, cast: Cast, *, eventually: Eventually
) -> None:
    first, second = Hold(), Hold()
    dave = browse().open("model")
    turn = dave.say("Which tent?")
    provider.will_say(first)
    doomed = start_worker()
    assert first.reached.wait(30)
    doomed.kill()
    (task,) = DBTaskResult.objects.all()
    assert (task.status, len(task.worker_ids)) == ("RUNNING", 1)
    provider.will_say(second, "Tents for two")
    living = start_worker(PROVIDER_TIMEOUT_SECONDS="60")
    assert second.reached.wait(30)
    # A third worker takes what is lost, and leaves what the second one does for longer than its lease.
    start_worker()
    lost = orphan(1)
    eventually(lambda: state_of(lost) == "SUCCESSFUL", seconds=30)
    assert state_of(task) == "RUNNING"
    second.release()
    eventually(lambda: state_of(task) == "SUCCESSFUL", seconds=30)
    task.refresh_from_db()
    assert len(task.worker_ids) == 2
    assert Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id).title == "Tents for two"
    assert "1 of their tasks are due again" in living.log


def test_a_task_that_kills_its_workers_is_given_up(start_worker: StartWorker, eventually: Eventually) -> None:
    again, hopeless = orphan(task_leases.MAX_ATTEMPTS - 1), orphan(task_leases.MAX_ATTEMPTS)
    start_worker()
    eventually(lambda: state_of(hopeless) == "FAILED", seconds=30)
    eventually(lambda: state_of(again) == "SUCCESSFUL", seconds=30)
    hopeless.refresh_from_db()
    assert hopeless.exception_class_path == task_leases.WORKER_LOST
    assert hopeless.finished_at is not None
    findings = [finding for finding in services.behind_us() if finding.code == "doctor.tasks_given_up"]
    assert [finding.found for finding in findings] == ["1 task was given up, because its workers died."]


def test_a_worker_waits_for_its_database(start_worker: StartWorker, eventually: Eventually) -> None:
    proxy, url = database_proxy(databases.url_of())
    try:
        proxy.cut()
        worker = start_worker(DATABASE_URL=url)
        eventually(lambda: "the database does not answer" in worker.log, seconds=30)
        name_thread.enqueue(1, "thr_unknown")
        (task,) = DBTaskResult.objects.all()
        proxy.restore()
        eventually(lambda: state_of(task) == "SUCCESSFUL", seconds=30)
        assert worker.log.count("the database does not answer") == 1
        assert worker.log.count("the database answers again") == 1
        proxy.cut()  # in the middle of its life
        eventually(lambda: worker.log.count("the database does not answer") == 2, seconds=30)
        proxy.restore()
        name_thread.enqueue(1, "thr_unknown")
        eventually(lambda: not DBTaskResult.objects.exclude(status="SUCCESSFUL").exists(), seconds=30)
        proxy.cut()
        eventually(lambda: worker.log.count("the database does not answer") == 3, seconds=30)
        assert worker.stop() == 0  # it does not wait for the database in order to end
    finally:
        proxy.stop()


def test_a_task_survives_that_its_database_goes_away(
    start_worker: StartWorker, browse: Browse, provider: Provider, cast: Cast, *, eventually: Eventually
) -> None:
    proxy, url = database_proxy(databases.url_of())
    try:
        hold = Hold()
        turn = browse().open("model").say("Which tent?")
        provider.will_say(hold, "Lost")
        provider.will_say("Tents for two")
        worker = start_worker(DATABASE_URL=url)
        assert hold.reached.wait(30)
        proxy.cut()
        hold.release()
        eventually(lambda: "the database does not answer" in worker.log, seconds=30)
        proxy.restore()
        (task,) = DBTaskResult.objects.all()
        eventually(lambda: state_of(task) == "SUCCESSFUL", seconds=30)
        assert Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id).title == "Tents for two"
    finally:
        proxy.stop()


def test_a_batch_fails_when_the_database_is_away(start_worker: StartWorker, tmp_path: Path) -> None:
    proxy, url = database_proxy(databases.url_of())
    proxy.stop()
    done = subprocess.run(
        [sys.executable, "manage.py", "db_worker", "--batch", "--no-reload", "--no-startup-delay"],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == "CommandError: The database does not answer (OperationalError)."
    assert "Traceback" not in done.stderr


def test_a_worker_ends_when_it_is_told_to(start_worker: StartWorker, eventually: Eventually) -> None:
    name_thread.enqueue(1, "thr_unknown")
    worker = start_worker()
    eventually(lambda: DBTaskResult.objects.filter(status="SUCCESSFUL").exists(), seconds=30)
    worker.process.send_signal(signal.SIGTERM)
    assert worker.process.wait(timeout=20) == 0


def test_a_task_that_fails_with_its_database_is_due_again(start_worker: StartWorker, eventually: Eventually) -> None:
    """The database went away when the result was to be kept, and was back for the failure."""
    name_thread.enqueue(1, "thr_unknown")
    row: Any = DBTaskResult.objects.get()
    DBTaskResult.objects.filter(pk=row.pk).update(
        status="FAILED", exception_class_path="django.db.utils.OperationalError", worker_ids=["living"]
    )
    task_leases.retry(str(row.pk))
    assert state_of(row) == "READY"
    start_worker()
    eventually(lambda: state_of(row) == "SUCCESSFUL", seconds=30)
    DBTaskResult.objects.filter(pk=row.pk).update(status="FAILED", worker_ids=["a", "b", "c"])
    task_leases.retry(str(row.pk))
    assert state_of(row) == "FAILED"
