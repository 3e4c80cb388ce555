"""The connection and its statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations
from psycopg.pq import TransactionStatus

from chatplatform.lib.tenant_setting import SETTING, Named, named_tenant


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "chatplatform.lib.postgresql.compiler"


_SET = f"SELECT set_config('{SETTING}', $1, true)"
_FORGET = f"SET LOCAL {SETTING} TO DEFAULT"


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's, and every statement in a tenant's scope goes with the tenant's name."""

    ops_class = DatabaseOperations
    _was_told = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute_wrappers.append(_execute)

    @contextmanager
    def told(self, named: Named) -> Iterator[None]:
        """Tell the server for whom the statement of this block is, in one round trip.

        Its results, and its error, are there when the block ends.
        """
        self.forget_unless(named)
        # After an error in a transaction there is but the way back to a savepoint, and a word more would block it.
        if named is None or self.connection.pgconn.transaction_status == TransactionStatus.INERROR:
            yield
            return
        with self.connection.pipeline():
            # Not prepared: psycopg may give up its prepared statements (after a rollback) in the middle of a pipeline.
            psycopg.RawCursor(self.connection).execute(_SET, (str(named),), prepare=False)
            yield

    def forget_unless(self, named: Named) -> None:
        """See to it that a statement which names nobody does not inherit the tenant of an earlier one in its transaction."""
        was_told, self._was_told = self._was_told, named is not None
        if was_told and named is None and self.connection.pgconn.transaction_status == TransactionStatus.INTRANS:
            self.connection.execute(_FORGET)


def _execute(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001
    named, wrapper = named_tenant(), context["connection"]
    with wrapper.wrap_database_errors:
        if named is not None and isinstance(context["cursor"].cursor, psycopg.ServerCursor):
            # It takes several messages. Held beyond its transaction, it has chosen its rows when that ends.
            with wrapper.connection.transaction():
                with wrapper.told(named):
                    pass
                return execute(sql, params, many, context)
        with wrapper.told(named):
            return execute(sql, params, many, context)
