"""Row-level security: the wall that stands in the database.

Every table of a model with the strict manager gets a policy that compares its ``tenant_id`` with the setting
`chatplatform.tenant` (`chatplatform.lib.tenant_setting`).  It is built after each `migrate`, so that none can be forgotten, and
forced, so that it holds the owner of the table too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps
from django.db import connections, models
from django.db.backends.utils import CursorWrapper

from chatplatform.lib.tenant_setting import CREATE_DOMAIN, DOMAIN, EVERY_TENANT, SETTING
from tenants.managers import TenantManager

POLICY: Final = "tenant_wall"

# The setting is read once for a statement, not once for a row. A statement that names no tenant fails as soon as it comes to a
# row: an empty answer would look like the truth.
_NAMED = f"(SELECT current_setting('{SETTING}', true))"
# PostgreSQL reads both again where an update comes to a row that somebody else has just changed, needed or not: every tenant is no
# number then, and no error either.
_KEY = (
    f"(SELECT CASE current_setting('{SETTING}', true) WHEN '{EVERY_TENANT}' THEN NULL "
    f"ELSE coalesce(nullif(current_setting('{SETTING}', true), ''), 'no tenant was named')::bigint END)"
)
_CONDITION = f"CASE {_NAMED} WHEN '{EVERY_TENANT}' THEN true ELSE tenant_id = {_KEY} END"

_STANDING = """
    SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, p.polname = %s AND count(*) OVER (PARTITION BY c.oid) = 1,
           obj_description(p.oid, 'pg_policy')
      FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(%s)"""


def owned_models() -> list[type[models.Model]]:
    """All models whose rows belong to tenants."""
    return [model for model in apps.get_models() if isinstance(model._default_manager, TenantManager)]


def open_tables(cursor: CursorWrapper) -> list[str]:
    """The tenants' tables that exist and lack the wall, or have another one."""
    cursor.execute(_STANDING, [POLICY, [model._meta.db_table for model in owned_models()]])
    return sorted(
        {
            table
            for table, is_forced, is_ours, condition in cursor.fetchall()
            if not (is_forced and is_ours and condition == _CONDITION)
        }
    )


def stray_tables(cursor: CursorWrapper) -> list[str]:
    """Tables whose rows say whose they are, and of which no model with the strict manager knows: nothing builds a wall there."""
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
        "AND NOT a.attisdropped WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') "
        "AND c.relname <> ALL(%s) ORDER BY 1",
        [[model._meta.db_table for model in owned_models()]],
    )
    return [table for (table,) in cursor.fetchall()]


def own_tables(cursor: CursorWrapper) -> list[str]:
    """The tenants' tables that the role of the connection owns."""
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) "
        "AND pg_has_role(current_user, relowner, 'MEMBER') ORDER BY 1",
        [[model._meta.db_table for model in owned_models()]],
    )
    return [table for (table,) in cursor.fetchall()]


def build_walls(using: str = "default", **_: Any) -> None:
    """Give every table of the tenants its policy, where it has not this very one."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regtype(%s)", [DOMAIN])
        if cursor.fetchone() == (None,):
            cursor.execute(CREATE_DOMAIN)
        for table in open_tables(cursor):
            for statement in _wall(connection.ops.quote_name(table)):
                cursor.execute(statement)


def _wall(table: str) -> Iterable[str]:
    condition = _CONDITION.replace("'", "''")
    yield f"DROP POLICY IF EXISTS {POLICY} ON {table}"
    yield f"CREATE POLICY {POLICY} ON {table} USING ({_CONDITION})"
    # PostgreSQL keeps the condition in words of its own: this is how it is known again.
    yield f"COMMENT ON POLICY {POLICY} ON {table} IS '{condition}'"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
