"""The one door from the event loop to the database.

A call runs in a small pool of threads, each with one persistent Django connection of its own.  Nothing is held between calls: no
thread, connection or transaction waits while an answer streams.  Queries on the hot path go through :func:`fetch`, which uses
server-side prepared statements.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import select
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from chatplatform.lib.errors import PlatformError
from chatplatform.lib.tenant_setting import EVERY_TENANT, for_tenant, named_tenant, telling

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
_connections: list[BaseDatabaseWrapper] = []


class _Thread(threading.local):
    """What a thread of the pool knows."""

    #: Kept between calls of `fetch`.
    cursor: psycopg.Cursor[tuple[Any, ...]] | None = None
    #: Whether it runs an asynchronous function now, whose calls need no other thread.
    is_visited = False
    #: Whether it is one of the pool's.
    is_of_pool = False


_thread = _Thread()


@functools.cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(
        max_workers=settings.CHAT_DB_THREADS,
        thread_name_prefix="database",
        initializer=_join_pool,
    )


def _join_pool() -> None:
    _thread.is_of_pool = True
    _connections.append(connections[DEFAULT_DB_ALIAS])


@receiver(connection_created)
def _instruct_planner(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Have PostgreSQL plan a prepared statement of the pool once, not at each execution, and find rows by their keys.

    Left to itself it does not know the `LIMIT` of a page, takes a tenth of the table for it, and so plans anew each time, which
    costs more than the page: 0.20 ms instead of 0.11 for 20 items.  The statements of the pool are written for one plan.

    And it takes what it reads for a spinning disk's: it reads whole tables of some pages, and asks of each row whether the wall
    between tenants lets it through, rather than take one by its key.  What is asked for here lies in memory.
    """
    if _thread.is_of_pool and settings.DATABASE_PREPARED_STATEMENTS:
        with connection.cursor() as cursor:
            # A connection whose first statement is a tenant's takes one statement at a time.
            cursor.execute(
                "SELECT set_config('plan_cache_mode', 'force_generic_plan', false), set_config('random_page_cost', '1.1', false)"
            )


async def in_database(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a synchronous function of the ORM in the pool and return its result.

    The function opens its own transaction if it needs one.  A cancelled caller does not cancel a call under way.

    Raises:
        PlatformError: ``unavailable``, when the database cannot be reached or the connection broke in the middle.
    """
    if _thread.is_visited:
        return _call(function, args, kwargs)
    named = named_tenant()  # of the task that asks
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            with for_tenant(named):
                result = _call(function, args, kwargs)
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            tell(answered.set_exception, error)
        else:
            tell(answered.set_result, result)

    def tell(setter: Callable[[Any], None], outcome: Any) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(_unless_cancelled, answered, setter, outcome)

    # `loop.run_in_executor` chains two futures, which costs as much as the statement of a session check.
    _executor().submit(work)
    return await answered


async def in_tenant(tenant_id: int, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The same for a function whose statements are a tenant's: the database shows it no row of another."""
    return await in_database(_for_tenant, tenant_id, function, args, kwargs)


def _for_tenant(tenant_id: int, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    with for_tenant(tenant_id):
        return function(*args, **kwargs)


async def in_one_visit(operation: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run an asynchronous function that waits for nothing but the database, with all its calls in one visit to the pool.

    Handing a call to a thread and its result back costs as much as a statement; this pays it once.

    Raises:
        RuntimeError: it waited for something else.
        PlatformError: as `in_database`.
    """
    return await in_database(_run_through, operation(*args, **kwargs))


def _run_through(coroutine: Coroutine[Any, Any, T]) -> T:
    _thread.is_visited = True
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        _thread.is_visited = False
        coroutine.close()
    raise RuntimeError(f"{coroutine} waited for something else than the database")


def _unless_cancelled(answered: asyncio.Future[Any], setter: Callable[[Any], None], outcome: Any) -> None:
    if not answered.done():
        setter(outcome)


def _call(function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    if connection.connection is not None and _is_stale(connection.connection):
        connection.close()
    try:
        return function(*args, **kwargs)
    except (OperationalError, InterfaceError) as error:
        # Whatever it was, the next call starts on a fresh connection.
        connection.close()
        logger.warning("database call failed: %s", type(error).__name__)
        raise PlatformError("unavailable") from error


def _is_stale(raw: psycopg.Connection[Any]) -> bool:
    """Whether the server has hung up: an idle connection with something to read has been told so.

    Costs no round trip, unlike `SELECT 1`.  A harmless notice also reads as stale, which costs one reconnect.
    """
    if raw.closed:
        return True
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN | select.POLLERR | select.POLLHUP)
    return bool(poll.poll(0))


def fetch(sql: str, params: Sequence[Any] = (), *, across: str = "") -> list[tuple[Any, ...]]:
    """Execute one prepared statement on this thread's connection; rows as tuples.  JSON is best selected as text.

    PostgreSQL has no U+0000: it becomes U+FFFD in texts, so that an id with one is merely unknown.

    Args:
        across: why the statement may come to rows of every tenant; a door in the wall, of which
            docs/concepts/tenancy.md keeps the list.  Without it, it comes to those of the tenant that `in_tenant` named.

    Raises what Django raises (`IntegrityError`, `OperationalError`, ...).
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    wrapper.ensure_connection()
    named = EVERY_TENANT if across else named_tenant()
    values = [_storable(value) for value in params]
    with wrapper.wrap_database_errors:
        wrapper.forget_unless(named)  # type: ignore[attr-defined]
        if named is not None:
            sql, values = telling(sql), [str(named), *values]
        cursor = _cursor(wrapper.connection)
        cursor.execute(sql, values, prepare=True)
        # Asked for its `description` instead, the cursor would build an object for each column.
        return cursor.fetchall() if cursor.rownumber is not None else []


def _cursor(raw: psycopg.Connection[Any]) -> psycopg.Cursor[tuple[Any, ...]]:
    """This thread's cursor on its connection.

    One for all statements, as a fresh one learns the types of its columns anew; and with binary results, which need no parsing: the
    statement that verifies a session takes 50 us instead of 200.
    """
    cursor = _thread.cursor
    if cursor is None or cursor.connection is not raw:
        cursor = _thread.cursor = psycopg.Cursor(raw)
        cursor.format = psycopg.pq.Format.BINARY
    return cursor


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return [_storable(item) for item in value] if isinstance(value, list) else value


def close_all() -> None:
    """Close every connection of the pool and its threads (tests that drop their database; a clean end of the process)."""
    if _executor.cache_info().currsize:
        _executor().shutdown(wait=True)
        _executor.cache_clear()
    while _connections:
        wrapper = _connections.pop()
        wrapper.inc_thread_sharing()  # its own thread is gone
        wrapper.close()
