"""The wall in the database: what it hides, with every other wall out of the way.

The statements here are what a bug would send: raw, without a condition, or with somebody else's.
"""

import ast
import asyncio
import re
from collections.abc import Iterator

import psycopg
import pytest
from chatkit.store import NotFoundError
from django.db import DatabaseError, DataError, IntegrityError, ProgrammingError, connection, models, transaction

from chat.models import Thread
from chat.stores import queries
from chat.stores.django import DjangoStore
from chatplatform.lib import db_pool
from chatplatform.lib.db_pool import fetch, in_database, in_tenant
from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING, for_tenant
from tenants import checks
from tenants.models import Assistant, Tenant
from tenants.scope import cross_tenant
from tenants.walls import POLICY, build_walls, open_tables, owned_models
from tests.support.cast import Cast
from tests.support.databases import url_of
from tests.support.environment import PROJECT

Rows = dict[tuple[type[models.Model], str], int]


@pytest.fixture(autouse=True)
def connections_of_the_pool() -> Iterator[None]:
    yield
    db_pool.close_all()


def test_every_table_of_the_tenants_has_the_wall(db: None) -> None:
    with connection.cursor() as cursor:
        assert open_tables(cursor) == []
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = %s", [POLICY])
        assert {table for (table,) in cursor.fetchall()} == {model._meta.db_table for model in owned_models()}


def test_the_role_of_the_tests_is_held_by_it(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_there_is_a_row_of_each_kind(rows: Rows) -> None:
    assert {model for model, _tenant in rows} - {Tenant} == set(owned_models())


async def test_a_statement_without_a_condition_finds_the_rows_of_one_tenant(rows: Rows, cast: Cast) -> None:
    for model in owned_models():
        for tenant, other in ((cast.acme, cast.globex), (cast.globex, cast.acme)):
            sql = f"SELECT id, tenant_id FROM {model._meta.db_table}"
            found = dict(await in_tenant(tenant.pk, fetch, sql))
            assert found[rows[model, tenant.slug]] == tenant.pk
            assert rows[model, other.slug] not in found
            assert set(found.values()) == {tenant.pk}


async def test_it_changes_and_deletes_nothing_of_another_tenant(rows: Rows, cast: Cast) -> None:
    for model in owned_models():
        table, foreign = model._meta.db_table, rows[model, "globex"]
        for sql in (
            f"UPDATE {table} SET id = id WHERE id = %s RETURNING id",
            f"DELETE FROM {table} WHERE id = %s RETURNING id",
        ):
            assert await in_tenant(cast.acme.pk, fetch, sql, (foreign,)) == [], sql
        assert await in_tenant(cast.globex.pk, fetch, f"SELECT id FROM {table} WHERE id = %s", (foreign,)) == [
            (foreign,)
        ]


async def test_it_gives_no_row_to_another_tenant(rows: Rows, cast: Cast) -> None:
    for model in owned_models():
        sql = f"UPDATE {model._meta.db_table} SET tenant_id = %s WHERE id = %s"
        with pytest.raises(DatabaseError, match=r"row-level security|only added to"):
            await in_tenant(cast.acme.pk, fetch, sql, (cast.globex.pk, rows[model, "acme"]))
    sql = "INSERT INTO tenants_domain (tenant_id, host, is_primary, token, created_at) VALUES (%s, 'x.example', false, '', now())"
    with pytest.raises(ProgrammingError, match="row-level security"):
        await in_tenant(cast.acme.pk, fetch, sql, (cast.globex.pk,))


async def test_a_statement_that_names_nobody_fails(rows: Rows, cast: Cast) -> None:
    """An empty answer would look like the truth."""
    for model in owned_models():
        for _ in ("a connection that never knew a tenant", "one that has forgotten it"):
            with pytest.raises(DataError, match="no tenant was named"):
                await in_database(fetch, f"SELECT id FROM {model._meta.db_table}")
            await in_tenant(cast.acme.pk, fetch, f"SELECT id FROM {model._meta.db_table}")


async def test_neither_does_one_that_follows_a_named_one_in_its_transaction(rows: Rows, cast: Cast) -> None:
    def work() -> None:
        with transaction.atomic():
            with for_tenant(cast.acme.pk):
                assert fetch("SELECT id FROM chat_thread")
            with pytest.raises(DataError, match="no tenant was named"), transaction.atomic():
                fetch("SELECT id FROM chat_thread")
            with for_tenant(cast.acme.pk):
                assert list(Thread.objects.all())
            with pytest.raises(DataError, match="no tenant was named"), connection.cursor() as cursor:
                cursor.execute("SELECT id FROM chat_thread")

    await in_database(work)


async def test_an_update_that_waited_for_another_finds_the_row_and_what_the_other_wrote(rows: Rows, cast: Cast) -> None:
    """PostgreSQL reads every part of a policy again then, needed or not: that once ended the leases of all answers."""
    run = f"run_{cast.acme.slug}"
    await in_tenant(cast.acme.pk, fetch, "UPDATE chat_run SET state = 'running' WHERE public_id = %s", (run,))
    seeing = f"-c {SETTING}={EVERY_TENANT}"
    async with await psycopg.AsyncConnection.connect(url_of(), options=seeing) as other:
        await other.execute("UPDATE chat_run SET cancel_requested_at = now() WHERE public_id = %s", (run,))
        renewing = asyncio.create_task(DjangoStore().renew_leases([run]))
        while not await in_database(fetch, "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'"):
            assert not renewing.done()
            await asyncio.sleep(0.01)
        await other.commit()
    assert await renewing == {run: "cancelled"}


async def test_a_queryset_that_names_its_tenant_needs_no_scope(rows: Rows, cast: Cast) -> None:
    def work() -> None:
        own = Thread.objects.for_tenant(cast.acme)
        assert {thread.tenant_id for thread in own} == {cast.acme.pk}
        assert own.count() == own.aggregate(n=models.Count("pk"))["n"] == len(list(own.iterator())) == 1
        assert own.exists()
        assert own.update(title="Mine") == 1
        assert own.filter(pk__in=own.values("pk")).select_related("assistant").get().assistant.slug == "guide"
        assert Assistant.objects.create(tenant=cast.acme, slug="new", name="New").pk
        assert (
            len(Assistant.objects.bulk_create([Assistant(tenant=cast.acme, slug=slug, name=slug) for slug in "ab"]))
            == 2
        )
        assert own.delete()[0] == 1

    await in_database(work)


async def test_what_is_refused_in_a_scope_is_undone_to_its_savepoint(rows: Rows, cast: Cast) -> None:
    def work() -> int:
        with for_tenant(cast.acme.pk), transaction.atomic():
            with pytest.raises(IntegrityError), transaction.atomic():
                Assistant.objects.create(tenant=cast.acme, slug="guide", name="Taken")
            return Thread.objects.all().count()

    assert await in_database(work) == 1


async def test_the_managers_underneath_find_nothing(rows: Rows, cast: Cast) -> None:
    """The strict manager is out of the way: this is what an instance, an import or a careless query uses."""

    def work() -> None:
        thread = Thread.objects.for_tenant(cast.globex).get()
        with for_tenant(cast.acme.pk):
            assert not Thread._base_manager.filter(pk=thread.pk).exists()
            assert not Thread.objects.for_tenant(cast.globex).exists()
            thread.title = "Theirs"
            with pytest.raises(DatabaseError, match="did not affect any rows"):
                thread.save(update_fields=["title"])
        with pytest.raises(DataError, match="no tenant was named"):
            thread.save()

    await in_database(work)


async def test_a_search_from_a_server_side_cursor_stays_in_the_tenant(rows: Rows, cast: Cast) -> None:
    def work() -> set[int]:
        with for_tenant(cast.acme.pk):
            return {thread.tenant_id for thread in Thread._base_manager.iterator(chunk_size=1)}

    assert await in_database(work) == {cast.acme.pk}


def test_what_breaks_the_wall_is_found_and_mended(db: None) -> None:
    for breach in (
        "ALTER TABLE chat_thread NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE chat_thread DISABLE ROW LEVEL SECURITY",
        f"DROP POLICY {POLICY} ON chat_thread",
        "CREATE POLICY another ON chat_thread USING (true)",
    ):
        with connection.cursor() as cursor:
            cursor.execute(breach)
            assert open_tables(cursor) == ["chat_thread"], breach
            cursor.execute("DROP POLICY IF EXISTS another ON chat_thread")
            build_walls()
            assert open_tables(cursor) == []


def test_the_explicit_wall_holds_without_it(rows: Rows, cast: Cast) -> None:
    """Every statement of the store compares the owner itself; the contract of the stores tries them all."""
    alice = cast.context(cast.alice, cast.guide)
    with cross_tenant("every row is visible"):
        assert fetch("SELECT id FROM chat_thread WHERE public_id = 'thr_globex'")
        with pytest.raises(NotFoundError):
            queries.load_thread("thr_globex", alice)


# ---- the doors


def test_the_documentation_lists_every_door() -> None:
    """Statements that may come to the rows of every tenant, each with its reason."""
    doors = set()
    for app in ("chatplatform", "tenants", "accounts", "chat"):
        for path in (PROJECT / app).rglob("*.py"):
            tree = ast.parse(path.read_text())
            constants = {
                target.id: node.value.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for call in [node for node in ast.walk(tree) if isinstance(node, ast.Call)]:
                for reason in [keyword.value for keyword in call.keywords if keyword.arg == "across"]:
                    known = constants.get(reason.id) if isinstance(reason, ast.Name) else getattr(reason, "value", None)
                    doors.add((str(path.relative_to(PROJECT)), known))
                if isinstance(call.func, ast.Name) and call.func.id == "cross_tenant":
                    doors.add((str(path.relative_to(PROJECT)), getattr(call.args[0], "value", None)))
    text = (PROJECT / "docs" / "concepts" / "tenancy.md").read_text()
    listed = set(re.findall(r"^\| `([\w/]+\.py)` \| ([^|]+) \|", text, re.MULTILINE))
    assert listed == doors


def test_a_check_finds_a_role_that_owns_the_tables(db: None) -> None:
    """The role of the tests does, as that of an installation without `DATABASE_OWNER_URL`."""
    assert [found.id for found in checks.server_cannot_pull_it_down(["default"])] == ["tenants.W001"]
    assert list(checks.tables_have_the_wall(["default"])) == []
