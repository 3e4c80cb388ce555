"""The campaign: rounds of people who chat while parts of a whole installation fail, with what must hold checked after each.

``FAULTS_MINUTES`` is for how long it runs, ``FAULTS_SEED`` what it draws from; ``FAULTS_ROUND`` runs one round alone, and
``FAULTS_ONLY`` names the faults, separated by commas, that are drawn.  A round that fails prints what reproduces it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from chat.models import Run
from tenants.models import Tenant, Usage
from tests.conftest import Browse
from tests.faults import invariants
from tests.faults.clients import Client, Sent
from tests.faults.draw import FAULTS, Fault, draw
from tests.faults.installation import LEASE, Installation, descriptors, is_alive, resident_megabytes
from tests.faults.invariants import Stored
from tests.faults.model import Model, question, words_of
from tests.support.cast import Cast

MINUTES = float(os.environ.get("FAULTS_MINUTES", "2"))
SEED = int(os.environ.get("FAULTS_SEED") or SystemRandom().randrange(10**6))
ONLY_ROUND = os.environ.get("FAULTS_ROUND")
NAMES = [name for name in os.environ.get("FAULTS_ONLY", "").split(",") if name] or list(FAULTS)
CLIENTS, MESSAGES = 4, 3
#: How long everything may take to come to rest after a round: leases run out, the worker waits for the database, tasks are retried.
REST = 60.0


@pytest.fixture
def place(cast: Cast, tmp_path: Path) -> Iterator[Installation]:
    model = Model()
    place = Installation(tmp_path, model)
    try:
        place.start()
        yield place
    finally:
        place.stop()
        model.stop()
        connection.close()  # A fault may have ended its session, and the next test needs one.


@pytest.mark.faults
def test_faults(place: Installation, browse: Browse, cast: Cast) -> None:
    ends = time.monotonic() + MINUTES * 60
    first = int(ONLY_ROUND or 0)
    baseline: dict[int, tuple[int, float]] = {}
    reports: list[str] = []
    names = NAMES.copy()
    Random(SEED).shuffle(names)
    _say(f"\nFAULTS_SEED={SEED}")
    number = first
    while number == first or (time.monotonic() < ends and ONLY_ROUND is None):
        random = Random(f"{SEED}-{number}")
        faults = draw(random, number, names)
        began = time.monotonic()
        clients = [_client(f"r{number}c{index}", place, browse, random) for index in range(CLIENTS)]
        broken = _play(place, clients, faults)
        found = broken or _look(place, clients, cast.acme, baseline)
        took = time.monotonic() - began
        _say(f"round {number}: {', '.join(map(str, faults))}: {_told(clients)} in {took:.0f} s")
        if found:
            reports.append(_report(number, faults, found))
            _say(reports[-1])
        number += 1
    if reports:
        logs = "\n".join(f"--- {name}\n{log[-3000:]}" for name, log in place.logs())
        pytest.fail("\n".join(reports) + f"\n{logs}", pytrace=False)


def _report(number: int, faults: list[Fault], found: list[str]) -> str:
    only = f" FAULTS_ONLY={','.join(NAMES)}" if os.environ.get("FAULTS_ONLY") else ""
    again = f"Round {number} did not hold. To see it again: make faults FAULTS_SEED={SEED} FAULTS_ROUND={number}{only}"
    return "\n".join([again, f"faults: {', '.join(map(str, faults))}", *found])


def _client(name: str, place: Installation, browse: Browse, random: Random) -> Client:
    at_first, at_second = (browse(server=server) for server in place.servers)
    at_first.open("model")
    at_second.token = at_first.token
    return Client(name, [at_first, at_second], Random(random.random()))


def _play(place: Installation, clients: list[Client], faults: list[Fault]) -> list[str]:
    """Let people chat and parts fail; what broke in the campaign itself."""
    connection.close()  # A fault may end all sessions of the database.
    until = time.monotonic() + 15
    began = time.monotonic()
    problems: list[str] = []

    def strike(fault: Fault) -> None:
        time.sleep(max(0.0, began + fault.at - time.monotonic()))
        try:
            FAULTS[fault.name](place, fault)
        except Exception as error:  # noqa: BLE001 - the round reports it
            problems.append(f"the fault {fault} could not be made: {error!r}")
        finally:
            connection.close()

    talking = [threading.Thread(target=client.chat, args=(MESSAGES, until)) for client in clients]
    striking = [threading.Thread(target=strike, args=(fault,)) for fault in faults]
    for thread in (*talking, *striking):
        thread.start()
    for thread in striking:
        thread.join()
    place.heal()
    for thread in talking:
        thread.join()
    return problems + [f"{client.name} failed: {client.failure!r}" for client in clients if client.failure is not None]


def _look(
    place: Installation, clients: list[Client], tenant: Tenant, baseline: dict[int, tuple[int, float]]
) -> list[str]:
    """Come to rest, go on with every conversation, and check what must hold."""
    sent = list(invariants.all_sent(clients))
    deadline = time.monotonic() + REST
    while time.monotonic() < deadline and (
        Run.objects.for_tenant(tenant).filter(state="running").exists()
        or DBTaskResult.objects.exclude(status__in=["SUCCESSFUL", "FAILED"]).exists()
        or _usage_is_missing(tenant)
    ):
        time.sleep(0.1)
    found = invariants.check(Stored.of(tenant), sent, place.model.asked)
    found += _going_on(clients)
    found += [f"background_work_is_done: {what}" for what in invariants.background_work_is_done(tenant)]
    log = place.worker.log[place.worker.seen :]
    place.worker.seen += len(log)
    lines = invariants.the_worker_says_what_is_wrong_in_lines(log)
    found += [f"the_worker_says_what_is_wrong_in_lines: {what}" for what in lines]
    return found + list(_returned(place, baseline))


def _usage_is_missing(tenant: Tenant) -> bool:
    """Whether the worker still has to write what a lost run used, which it does a lease after the end of the run."""
    counted = Usage.objects.for_tenant(tenant).values("run")
    return Run.objects.for_tenant(tenant).filter(state="lost").exclude(public_id__in=counted).exists()


def _going_on(clients: list[Client]) -> Iterator[str]:
    """Every conversation takes a next message, and answers it whole."""
    for client in clients:
        for position, thread_id in enumerate(dict.fromkeys(client.threads)):
            message = _said(client, thread_id, f"{client.name}n{position}")
            whole = "".join(words_of(message.text))
            if list(message.shown.texts.values()) != [whole]:
                seen = message.refusal or message.shown.texts or message.shown.errors
                yield f"every_thread_goes_on: {thread_id}: {seen}"


def _said(client: Client, thread_id: str, name: str) -> Sent:
    """A message that the platform takes, at the latest when each lease is past."""
    deadline = time.monotonic() + 3 * LEASE
    attempt = 0
    while True:
        # Another message each time: what was not acknowledged may be stored.
        message = client.say(Sent(f"{name}a{attempt}", question(f"{name}a{attempt}", 3, 0), thread_id))
        if message.is_acknowledged or time.monotonic() > deadline:
            return message
        attempt += 1
        time.sleep(0.2)


def _returned(place: Installation, baseline: dict[int, tuple[int, float]]) -> Iterator[str]:
    """Descriptors and memory of each process are what they were after its first round."""
    for server in place.servers:
        if not is_alive(server):
            continue
        deadline = time.monotonic() + 10
        has = descriptors(server), resident_megabytes(server)
        before = baseline.setdefault(server.pid, has)
        while has[0] > before[0] + invariants.MORE_DESCRIPTORS and time.monotonic() < deadline:
            time.sleep(0.1)
            has = descriptors(server), resident_megabytes(server)
        if has[0] > before[0] + invariants.MORE_DESCRIPTORS or has[1] > before[1] + invariants.MORE_MEGABYTES:
            yield f"memory_and_descriptors_return: {server.log_path.name} has {has}, and had {before}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _told(clients: list[Client]) -> str:
    sent = list(invariants.all_sent(clients))
    acknowledged = [message for message in sent if message.is_acknowledged]
    stopped = sum(message.is_stopped for message in sent)
    return f"{len(sent)} messages, {len(acknowledged)} acknowledged, {stopped} stopped"
