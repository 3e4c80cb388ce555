"""Commands that make, close and delete tenants, and what they say to programs."""

import io
import json
import os
import signal
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.db import connection
from django.test import override_settings

from accounts.models import EndUser
from chat.models import Thread
from chat.stores import files
from chatplatform.lib.ids import new_id
from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING
from tenants.management.scriptable import ScriptableCommand
from tenants.models import AuditEvent, DataKey, Invitation, PlatformEvent, ProviderKey, Tenant
from tenants.scope import cross_tenant
from tenants.walls import owned_models
from tests.support import databases
from tests.support.cast import Cast
from tests.support.environment import PROJECT

SCRIPTABLE = {
    "check_domains",
    "check_isolation",
    "cleanup_sessions",
    "create_tenant",
    "delete_tenant",
    "invite",
    "resume_tenant",
    "rotate_keys",
    "suspend_tenant",
}


def run(name: str, *arguments: str, **options: Any) -> Any:
    """What a command says to programs."""
    out = io.StringIO()
    call_command(name, *arguments, "--json", stdout=out, **options)
    return json.loads(out.getvalue())


def test_all_of_them_speak_to_programs() -> None:
    ours = {name for name, app in get_commands().items() if app in ("tenants", "accounts", "chat")}
    assert {
        name for name in ours if isinstance(load_command_class(get_commands()[name], name), ScriptableCommand)
    } == SCRIPTABLE


@pytest.mark.django_db
@override_settings(PUBLIC_URL="https://chat.example.com/")
def test_a_tenant_is_made_with_an_invited_owner() -> None:
    said = run("create_tenant", "initech", "--name", "Initech", "--owner", "bill@initech.example", "--no-mail")
    tenant = Tenant.objects.get(slug="initech")
    assert (said["tenant"], tenant.name, tenant.access) == ("initech", "Initech", "members")
    assert said["link"].startswith("https://chat.example.com/invitations/")
    assert Invitation.objects.for_tenant(tenant).get().role == "owner"
    events = AuditEvent.objects.for_tenant(tenant).order_by("pk")
    assert [(event.action, event.actor) for event in events] == [
        ("tenant.add", "create_tenant"),
        ("invitation.add", "create_tenant"),
    ]
    for wrong in (["initech"], ["Not a slug"], ["hooli", "--owner", "nobody"]):
        with pytest.raises(CommandError):
            run("create_tenant", *wrong)
    assert not Tenant.objects.filter(slug="hooli").exists()


@pytest.mark.django_db
def test_a_tenant_is_closed_and_opened() -> None:
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    assert run("suspend_tenant", "acme", "--reason", "Unpaid") == {"tenant": "acme", "status": "suspended"}
    assert run("resume_tenant", "acme", "--reason", "Paid") == {"tenant": "acme", "status": "active"}
    events = AuditEvent.objects.for_tenant(tenant).order_by("pk").values_list("action", "actor", "reason")
    assert list(events) == [("tenant.suspend", "suspend_tenant", "Unpaid"), ("tenant.resume", "resume_tenant", "Paid")]
    for wrong in (["nobody", "--reason", "x"], ["acme", "--reason", " "]):
        with pytest.raises(CommandError):
            run("suspend_tenant", *wrong)


def rows_of(tenant_id: int) -> int:
    with cross_tenant("a test counts"):
        return sum(model._base_manager.filter(tenant_id=tenant_id).count() for model in owned_models())


@pytest.fixture
def doomed(cast: Cast, rows: dict[Any, int]) -> Tenant:
    """acme, with a row of everything and a file."""
    files.storage().save(files.path_of(cast.acme.pk, "atc_acme"), ContentFile(b"secret"))
    return cast.acme


def test_nothing_is_deleted_unless_the_slug_is_typed(doomed: Tenant) -> None:
    before = rows_of(doomed.pk)
    said = run("delete_tenant", "acme", "--dry-run")["would_delete"]
    assert (said["chat_thread"], said["files"], sum(said.values())) == (1, 1, before + 1)
    for confirmed in ([], ["--confirm", "globex"], ["--confirm", ""]):
        with pytest.raises(CommandError, match="--confirm acme"):
            run("delete_tenant", "acme", *confirmed)
    assert rows_of(doomed.pk) == before
    doomed.refresh_from_db()
    assert doomed.is_active


def test_a_tenant_goes_with_everything(doomed: Tenant, cast: Cast) -> None:
    others = rows_of(cast.globex.pk)
    assert run("delete_tenant", "acme", "--confirm", "acme", "--reason", "They left", "--batch-size", "1")["deleted"]
    assert rows_of(doomed.pk) == 0
    assert not Tenant.objects.filter(pk=doomed.pk).exists()
    assert not files.storage().exists(files.path_of(doomed.pk, "atc_acme"))
    assert rows_of(cast.globex.pk) == others
    event = PlatformEvent.objects.get(action="tenant.delete")
    assert (event.actor, event.reason, event.before) == ("delete_tenant", "They left", {"slug": "acme", "name": "Acme"})


def test_a_killed_deletion_is_taken_up_again(doomed: Tenant, cast: Cast) -> None:
    """Somebody holds a row, so that it cannot get past it; then it is killed."""
    person = EndUser.objects.for_tenant(doomed).earliest("pk")
    threads = Thread.objects.for_tenant(doomed)
    for _ in range(5):
        Thread.objects.create(
            tenant=doomed, end_user=person, assistant=cast.guide, public_id=new_id("thread"),
            created_at=person.created_at, updated_at=person.created_at,
        )  # fmt: skip
    last = threads.latest("pk")
    with psycopg.connect(databases.url_of(connection)) as holder:
        holder.execute(f"SET {SETTING} = '{EVERY_TENANT}'")
        holder.execute("SELECT 1 FROM chat_thread WHERE id = %s FOR UPDATE", [last.pk])
        deletion = subprocess.Popen(
            [sys.executable, "manage.py", "delete_tenant", "acme", "--confirm", "acme", "--batch-size", "1"],
            cwd=PROJECT,
            env=os.environ | {"DATABASE_URL": databases.url_of(connection)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not _is_waited_for(holder):
            assert deletion.poll() is None
        deletion.send_signal(signal.SIGKILL)
        deletion.wait()
    assert Thread.objects.for_tenant(doomed).count() == 1
    assert not DataKey.objects.for_tenant(doomed).exists()
    doomed.refresh_from_db()
    assert not doomed.is_active
    run("delete_tenant", "acme", "--confirm", "acme")
    assert rows_of(doomed.pk) == 0
    assert not Tenant.objects.filter(pk=doomed.pk).exists()


def _is_waited_for(holder: psycopg.Connection[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", [holder.info.backend_pid]
        )
        return bool(cursor.fetchone() != (0,))


@pytest.mark.django_db
def test_rotation_says_what_it_changed(cast: Cast) -> None:
    ProviderKey.store(cast.acme.pk, "openai", "sk-secret")
    assert run("rotate_keys", "--dry-run") == {"would_change": 0, "would_destroy": [], "unreadable": []}
    DataKey.objects.for_tenant(cast.acme).update(key_id="old")
    assert run("rotate_keys") == {"changed": 1, "destroyed": [], "unreadable": []}
    assert PlatformEvent.objects.get(action="datakey.rotate").actor == "rotate_keys"
