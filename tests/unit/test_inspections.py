"""Slow files keep waiting whom they should: their own tenant, and nobody who reads or writes."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from chat.stores.files import in_files
from chat.stores.inspections import OF_ONE_TENANT, in_inspection

ONE, ANOTHER = 1, 2


class Slow:
    """A file that takes until the test ends; says when it is being looked into."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.end = threading.Event()

    def look(self) -> str:
        self.begun.set()
        assert self.end.wait(20)
        return "seen"


@pytest.fixture
def slow() -> Iterator[list[Slow]]:
    made = [Slow() for _ in range(2 * OF_ONE_TENANT + 1)]
    yield made
    for one in made:
        one.end.set()


def begin(tenant_id: int, files: list[Slow]) -> list[asyncio.Task[str]]:
    return [asyncio.create_task(in_inspection(tenant_id, file.look)) for file in files]


async def begun(file: Slow) -> bool:
    return await asyncio.to_thread(file.begun.wait, 10)


async def test_a_tenants_slow_files_leave_places_to_others_and_files_to_all(slow: list[Slow]) -> None:
    *mine, waiting = slow[: OF_ONE_TENANT + 1]
    theirs = slow[OF_ONE_TENANT + 1 :]
    tasks = begin(ONE, [*mine, waiting]) + begin(ANOTHER, theirs)
    assert all([await begun(file) for file in mine + theirs])
    # Every place is taken now; reading and writing goes on.
    assert await asyncio.wait_for(in_files(lambda: "read"), 10) == "read"
    # A place of another tenant is none for it, its own is.
    theirs[0].end.set()
    assert await tasks[OF_ONE_TENANT + 1] == "seen"
    assert await asyncio.wait_for(in_inspection(ANOTHER, lambda: "next"), 10) == "next"
    assert not waiting.begun.is_set()
    mine[0].end.set()
    assert await begun(waiting)
    for file in slow:
        file.end.set()
    assert await asyncio.gather(*tasks) == ["seen"] * len(tasks)


async def test_who_goes_away_frees_no_place_before_its_thread_ends(slow: list[Slow]) -> None:
    *mine, waiting = slow[: OF_ONE_TENANT + 1]
    tasks = begin(ONE, mine)
    assert all([await begun(file) for file in mine])
    for task in tasks:
        task.cancel()
    assert all(isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*tasks, return_exceptions=True))
    (last,) = begin(ONE, [waiting])
    assert await asyncio.wait_for(in_inspection(ANOTHER, lambda: "other"), 10) == "other"
    assert not waiting.begun.is_set()
    mine[0].end.set()
    assert await begun(waiting)
    waiting.end.set()
    assert await last == "seen"


async def test_who_goes_away_while_waiting_takes_no_place(slow: list[Slow]) -> None:
    *mine, waiting = slow[: OF_ONE_TENANT + 1]
    tasks = begin(ONE, mine)
    assert all([await begun(file) for file in mine])
    (gone,) = begin(ONE, [waiting])
    await in_files(lambda: None)  # meanwhile it came to wait
    gone.cancel()
    for file in mine:
        file.end.set()
    assert await asyncio.gather(*tasks) == ["seen"] * len(tasks)
    assert [await asyncio.wait_for(in_inspection(ONE, lambda: "next"), 10) for _ in range(3)] == ["next"] * 3
    assert not waiting.begun.is_set()
