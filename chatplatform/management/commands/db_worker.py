"""`manage.py db_worker`: the worker of `django-tasks-db`, which here outlives its database and does the tasks of dead workers."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError
from django.db import InterfaceError, OperationalError, connection
from django_tasks_db.management.commands import db_worker as package

from chat.runs.lost_usage import keep_lost_usage
from chatplatform.lib import task_leases
from chatplatform.lib.database import require_database

logger = logging.getLogger(__name__)

#: Seconds between two attempts to reach the database: the first pause, and the longest.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
#: Both say that the database is away, or that it went away in the middle of something.
AWAY = (OperationalError, InterfaceError)
_AWAY_PATHS = {f"{error.__module__}.{error.__qualname__}" for error in AWAY}


class Housekeeper(threading.Thread):
    """Renews the lease of the task that the worker does, and sees to what processes that died have left: tasks, and usage."""

    def __init__(self, worker_id: str) -> None:
        super().__init__(name="housekeeper", daemon=True)
        self.task_id: str | None = None
        self._worker_id = worker_id
        self._ended = threading.Event()
        #: Since when the database has answered each time.
        self._reached_since = time.monotonic()

    def run(self) -> None:
        while not self._ended.wait(settings.WORKER_LEASE_SECONDS / 4):
            for duty in (self._renew, self._recover, keep_lost_usage):
                try:
                    duty()
                except AWAY:
                    self._reached_since = time.monotonic()
                    connection.close()
                except Exception as error:  # noqa: BLE001 - one duty that fails must not end the others
                    logger.error("housekeeping failed: %s", type(error).__name__)  # noqa: TRY400
        connection.close()

    def end(self) -> None:
        self._ended.set()
        if self.is_alive():
            self.join(timeout=5)

    def _renew(self) -> None:
        if (task_id := self.task_id) is not None:
            task_leases.renew(task_id, self._worker_id)

    def _recover(self) -> None:
        # While the database was away nobody could renew: a living worker has the time of a lease to say that it is one.
        if time.monotonic() - self._reached_since >= settings.WORKER_LEASE_SECONDS:
            found = task_leases.recover()
            if found.retried or found.given_up:
                logger.warning(
                    "workers died: %d of their tasks are due again, %d are given up after %d attempts",
                    *found,
                    task_leases.MAX_ATTEMPTS,
                )


class PatientWorker(package.Worker):
    """The package's worker, with a housekeeper, and with patience for the database."""

    _housekeeper: Housekeeper
    _is_away = False

    def run(self) -> None:
        self._housekeeper = Housekeeper(self.worker_id)
        self._housekeeper.start()
        try:
            self._run()
        finally:
            self._housekeeper.end()

    def run_task(self, db_task_result: Any) -> None:
        self._housekeeper.task_id = str(db_task_result.pk)
        try:
            super().run_task(db_task_result)
        finally:
            self._housekeeper.task_id = None
        if db_task_result.exception_class_path in _AWAY_PATHS:
            # It was done, or not: the database went away in the middle, and is back in time to be told of a failure.
            task_leases.retry(str(db_task_result.pk))

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while self.running:
            began = time.monotonic()
            try:
                self._greet_database()
                super().run()
            except AWAY as error:
                connection.close()
                if self.batch:
                    raise CommandError(f"The database does not answer ({type(error).__name__}).") from error
                if not self._is_away:
                    self._is_away = True
                    logger.warning("the database does not answer (%s): the worker waits for it", type(error).__name__)
                if time.monotonic() - began > LONGEST_PAUSE:
                    pause = FIRST_PAUSE
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                return

    def _greet_database(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if self._is_away:
            self._is_away = False
            logger.warning("the database answers again: the worker goes on")


class Command(package.Command):
    """Everything else, options included, is the package's."""

    help = "Do the work in the background, and what workers that died have left."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.USES_EMBEDDED_POSTGRES:
            try:
                require_database()  # It is started with the first process that needs it.
            except ImproperlyConfigured as error:
                raise CommandError(str(error)) from None
        # The command builds its worker by this name, and has no other hook.
        package.Worker = PatientWorker  # type: ignore[misc]
        super().handle(*args, **options)
