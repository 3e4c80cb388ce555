"""`manage.py check_isolation`: finds nothing here, finds a hole that was made, and leaves nothing behind."""

import json
import os
import subprocess
import sys
from typing import Any

from django.db import connection

from accounts.models import User
from chat.isolation.doors import ADDRESSES, OPERATIONS
from tenants.models import Tenant
from tenants.scope import cross_tenant
from tenants.walls import POLICY, build_walls, owned_models
from tests.isolation.matrix import OPERATIONS as ALL_OPERATIONS
from tests.isolation.matrix import ROUTES
from tests.isolation.test_walls import tenant_keys
from tests.support import databases
from tests.support.environment import PROJECT


def check(*arguments: str) -> dict[str, Any]:
    """In a process of its own: that of the tests may see everything by default."""
    done = subprocess.run(
        [sys.executable, "manage.py", "check_isolation", "--json", *arguments],
        cwd=PROJECT,
        env=os.environ | {"DATABASE_URL": databases.url_of(connection)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode == 0) is said["is_sound"] is (not said["findings"])
    return said


def test_it_finds_nothing_and_leaves_nothing(committed_database: None) -> None:
    said = check()
    assert said["findings"] == []
    # Each table and key, both ways.
    for attack in ("read", "change", "delete", "give away"):
        assert said["tried"][attack] == 2 * len(owned_models())
    assert said["tried"]["point across"] == 2 * len(list(tenant_keys()))
    assert said["tried"]["door"] == 4 * (len(OPERATIONS) + len(ADDRESSES))
    assert not Tenant.objects.exists()
    assert not User.objects.exists()
    with cross_tenant("a test counts"):
        assert [model for model in owned_models() if model._base_manager.exists()] == []


def test_it_tries_every_door_that_names_something() -> None:
    named = {name.split(" ")[0] for name, row in ALL_OPERATIONS.items() if row.others == 404}
    assert OPERATIONS.keys() == named
    assert ADDRESSES.keys() == {name for name, row in ROUTES.items() if row.others == 404}


HOLES = {
    f"DROP POLICY {POLICY} ON chat_thread; ALTER TABLE chat_thread DISABLE ROW LEVEL SECURITY": "chat_thread",
    "ALTER TABLE chat_attachment DISABLE ROW LEVEL SECURITY": "chat_attachment",
    f"ALTER POLICY {POLICY} ON tenants_embed USING (true)": "tenants_embed",
    "ALTER TABLE chat_run DROP CONSTRAINT run_thread_of_tenant": "run_thread_of_tenant",
    "CREATE TABLE forgotten (id bigint, tenant_id bigint)": "forgotten",
}


def test_it_finds_holes(committed_database: None) -> None:
    try:
        with connection.cursor() as cursor:
            for hole in HOLES:
                cursor.execute(hole)
        said = check("--tables-only")
        assert {finding.split(":")[0] for finding in said["findings"]} == set(HOLES.values())
    finally:
        _mend()


def _mend() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON POLICY {POLICY} ON tenants_embed IS 'another'")
        cursor.execute("DROP TABLE IF EXISTS forgotten")
    build_walls()
    with connection.schema_editor() as editor:
        for model, key in tenant_keys():
            if key.name == "run_thread_of_tenant":
                editor.execute(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT IF EXISTS {key.name}")
                editor.add_constraint(model, key)
