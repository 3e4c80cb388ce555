"""The door from the event loop to the database."""

import asyncio
import threading

import pytest

from chatplatform.lib import db_pool
from chatplatform.lib.db_pool import fetch, in_database, in_one_visit
from chatplatform.lib.errors import PlatformError


async def _thread_of_a_call() -> int:
    return await in_database(threading.get_ident)


async def test_a_visit_makes_all_its_calls_in_one_thread_of_the_pool(committed_database: None) -> None:
    async def twice() -> list[int]:
        return [await _thread_of_a_call(), await _thread_of_a_call(), threading.get_ident()]

    found = await in_one_visit(twice)
    assert len(set(found)) == 1
    assert found[0] != threading.get_ident()
    assert await _thread_of_a_call() != threading.get_ident()  # the pool is what it was


async def test_what_a_visit_raises_is_raised(committed_database: None) -> None:
    async def refuse() -> None:
        await _thread_of_a_call()
        raise PlatformError("not_found")

    with pytest.raises(PlatformError, match="not_found"):
        await in_one_visit(refuse)


async def test_a_visit_waits_for_nothing_else(committed_database: None) -> None:
    async def doze() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited for something else"):
        await in_one_visit(doze)
    assert await _thread_of_a_call()


@pytest.fixture
def new_pool(committed_database: None) -> None:
    db_pool.close_all()


async def test_statements_of_the_pool_are_planned_once(new_pool: None) -> None:
    assert await in_database(fetch, "SHOW plan_cache_mode") == [("force_generic_plan",)]
    assert await in_database(fetch, "SHOW random_page_cost") == [("1.1",)]
