"""The faults, and how a seed draws them."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.faults.installation import LEASE, Installation, is_alive
from tests.support import databases


@dataclass(frozen=True)
class Fault:
    """One fault of a round: what, when (seconds from its beginning), at which server, and for how long."""

    name: str
    at: float
    server: int
    seconds: float

    def __str__(self) -> str:
        return f"{self.name}(server={self.server}, at={self.at:.1f}, seconds={self.seconds:.1f})"


def _kill_server(place: Installation, fault: Fault) -> None:
    if is_alive(place.servers[fault.server]):
        place.servers[fault.server].kill()


def _end_server(place: Installation, fault: Fault) -> None:
    if is_alive(place.servers[fault.server]):
        place.servers[fault.server].tell_to_end()
        place.servers[fault.server].wait()


def _freeze_server(place: Installation, fault: Fault) -> None:
    place.signal(place.servers[fault.server], signal.SIGSTOP)
    time.sleep(LEASE + fault.seconds)
    place.signal(place.servers[fault.server], signal.SIGCONT)


def _kill_worker(place: Installation, fault: Fault) -> None:
    place.worker.end(signal.SIGKILL)
    place.worker.start()


def _end_worker(place: Installation, fault: Fault) -> None:
    place.worker.end(signal.SIGTERM)
    place.worker.start()


def _cut_database(place: Installation, fault: Fault) -> None:
    place.database.cut()
    time.sleep(fault.seconds)
    place.database.restore()


def _cut_database_for_long(place: Installation, fault: Fault) -> None:
    place.database.cut()
    time.sleep(LEASE + fault.seconds)
    place.database.restore()


def _hang_database(place: Installation, fault: Fault) -> None:
    place.database.hang()
    time.sleep(fault.seconds)
    place.database.restore()


def _slow_database(place: Installation, fault: Fault) -> None:
    place.database.slow(0.05)
    time.sleep(fault.seconds)
    place.database.restore()


def _restart_database(place: Installation, fault: Fault) -> None:
    """As far as its clients can tell: every session ends, and transactions with them."""
    databases.disconnect_others()


def _cut_redis(place: Installation, fault: Fault) -> None:
    place.redis.cut()
    time.sleep(fault.seconds)
    place.redis.restore()


def _hang_redis(place: Installation, fault: Fault) -> None:
    place.redis.hang()
    time.sleep(fault.seconds)
    place.redis.restore()


def _restart_redis(place: Installation, fault: Fault) -> None:
    place.redis_server.end(signal.SIGKILL)
    time.sleep(fault.seconds / 4)
    place.redis_server.start()


def _of_model(kind: str) -> Callable[[Installation, Fault], None]:
    def apply(place: Installation, fault: Fault) -> None:
        place.model.fault = kind
        time.sleep(fault.seconds)
        place.model.fault = ""

    return apply


FAULTS: dict[str, Callable[[Installation, Fault], None]] = {
    "kill_server": _kill_server,
    "end_server": _end_server,
    "freeze_server": _freeze_server,
    "kill_worker": _kill_worker,
    "end_worker": _end_worker,
    "cut_database": _cut_database,
    "cut_database_for_long": _cut_database_for_long,
    "hang_database": _hang_database,
    "slow_database": _slow_database,
    "restart_database": _restart_database,
    "cut_redis": _cut_redis,
    "hang_redis": _hang_redis,
    "restart_redis": _restart_redis,
    "model_refuses": _of_model("refuses"),
    "model_hangs": _of_model("hangs"),
    "model_cuts": _of_model("cuts"),
}


def draw(random: Random, number: int, names: list[str]) -> list[Fault]:
    """The faults of a round: the first in turn, so that a few rounds have had many, and perhaps a second one beside it."""
    order = Random(random.random())
    first = names[number % len(names)]
    chosen = [first, *order.choices(names, k=order.randint(0, 1))]
    return [Fault(name, order.uniform(0.3, 2.5), order.randrange(2), order.uniform(0.5, 3.0)) for name in chosen]
