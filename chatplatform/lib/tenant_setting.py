"""For which tenant a statement is: what row-level security asks.

The policies of all tenant-owned tables compare a row's ``tenant_id`` with the setting `chatplatform.tenant`.  It goes to the server
with the statement, in the same round trip, and ends with its transaction: no connection ever keeps a tenant, neither in a pool of
ours nor in a pooler's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Final, Literal

SETTING: Final = "chatplatform.tenant"
#: What the setting says where rows of every tenant are meant.
EVERY_TENANT: Final = "*"
#: The key of a tenant, every tenant, or nobody: then a statement that comes to an owned row fails.
Named = int | Literal["*"] | None

#: A domain of texts, whose check sets the setting: a parameter of this type is checked before its statement is planned.
DOMAIN: Final = "tenant_named"
CREATE_DOMAIN: Final = f"CREATE DOMAIN {DOMAIN} AS text CHECK (set_config('{SETTING}', VALUE, true) = VALUE)"
_TELLING: Final = f"WITH told AS (SELECT %s::{DOMAIN})"

_named: ContextVar[Named] = ContextVar("tenant", default=None)


def named_tenant() -> Named:
    """For whom the surrounding block works."""
    return _named.get()


@contextmanager
def for_tenant(tenant: Named) -> Iterator[None]:
    """Work for a tenant.  Threads and tasks begin without one: whoever hands work over names it again."""
    token = _named.set(tenant)
    try:
        yield
    finally:
        _named.reset(token)


@lru_cache(maxsize=1000)
def telling(sql: str) -> str:
    """A statement that takes the tenant as its first parameter, in server-side binding.

    Nothing is sent besides: where a second message, though in the same round trip, costs as much as a small statement itself.
    """
    rest = sql.lstrip()
    return f"{_TELLING}, {rest[4:]}" if rest[:4].upper() == "WITH" else f"{_TELLING} {rest}"
