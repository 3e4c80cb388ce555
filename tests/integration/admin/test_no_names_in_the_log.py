"""The audit log and the other logs hold kinds and ids: no name, and nothing that people wrote, whatever is done."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, models
from django.test import Client

from accounts.models import EndUser, User
from chat.models import Document, KnowledgeSource, Thread
from chatplatform.lib.logs import JsonLines, WithIds, WithoutExceptionTexts
from tenants.acting import Actor, acting_as
from tenants.models import AuditEvent, Invitation, Membership, PlatformEvent, Tenant
from tenants.models.audit_event import values_of
from tenants.permissions import Role
from tests.conftest import Browse, StartServer
from tests.support.cast import Cast, member_of
from tests.support.knowledge import read_all
from tests.support.panel import person, signed_in

CANARY = "canary7f3a"
OURS = ("tenants", "accounts", "chat")
#: Configuration: the only models that may let events keep some of their texts.  Nobody who chats writes into them.
CONFIGURATION = {
    "Assistant", "AssistantVersion", "Domain", "Embed", "EmbedSigningKey", "HttpTool", "KnowledgeBase", "KnowledgeSource",
    "McpServer", "ProviderKey", "Quota", "SignIn", "Tenant",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "model", [one for one in apps.get_models() if one._meta.app_label in OURS], ids=lambda model: model.__name__
)
def test_an_event_keeps_no_text_of_any_row(model: type[models.Model]) -> None:
    """Whatever model there is or comes: only configuration lists texts that are kept, and those of people are not among them."""
    kept: frozenset[str] = getattr(model, "audited", frozenset())
    assert not kept or model.__name__ in CONFIGURATION
    assert (
        not {"content", "title", "text", "email", "display_name", "external_id", "traits", "data", "instructions"}
        & kept
    )
    row = model(pk=1)
    for field in model._meta.concrete_fields:
        if field.choices or field.is_relation or field.name in kept | {"public_id", "error_code"}:
            continue
        if isinstance(field, models.JSONField | ArrayField):
            setattr(row, field.name, [CANARY])
        elif isinstance(field, models.CharField | models.TextField):
            setattr(row, field.name, CANARY)
    acme = Tenant.objects.create(slug="acme", name="Acme")
    for record in (lambda *args, **values: AuditEvent.record(acme.pk, *args, **values), PlatformEvent.record):
        record(f"{model._meta.model_name}.delete", row, before=values_of(row), after=values_of(row))
    stored = [*AuditEvent.objects.for_tenant(acme), *PlatformEvent.objects.all()]
    assert len(stored) == 2
    assert CANARY not in "".join(one.as_json() + str(one) for one in stored)


@pytest.fixture
def logged() -> Any:
    """What this process logs meanwhile, as a server writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.addFilter(WithIds())
    handler.addFilter(WithoutExceptionTexts())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def test_no_door_writes_a_name_or_a_word_into_a_log(
    cast: Cast, browse: Browse, start_server: StartServer, logged: io.StringIO
) -> None:
    server = start_server(LOG_FORMAT="json", LOG_LEVEL="info")
    dave = browse(server=server).open()
    turn = dave.say(f"I am {CANARY}")
    dave.ask("threads.update", {"thread_id": turn.thread_id, "title": CANARY})
    dave.ask("items.feedback", {"thread_id": turn.thread_id, "item_ids": [turn.answer["id"]], "kind": "negative"})
    attachment = dave.upload(f"{CANARY}.txt", CANARY.encode())
    dave.say(CANARY, turn.thread_id, attachments=[attachment["id"]])
    dave.post("threads.get_by_id", {"thread_id": f"thr_{CANARY}"})
    dave.post(CANARY)
    dave.http.get(f"/t/acme/?thread={CANARY}", headers={"x-request-id": f"req_{CANARY}"})
    dave.http.get(f"/api/chatkit/entities?tenant=acme&q={CANARY}")
    thread = Thread.objects.for_tenant(cast.acme).get(public_id=turn.thread_id)
    about = {
        "kind": EndUser.Kind.EXTERNAL,
        "display_name": CANARY,
        "email": f"{CANARY}@example.com",
        "external_id": CANARY,
        "traits": {"x": CANARY},
    }
    EndUser.objects.for_tenant(cast.acme).filter(pk=thread.end_user_id).update(**about)

    headers = {"x-request-id": f"req_{CANARY}"}
    owner = Client(headers=headers)
    owner.force_login(cast.alice)
    _conversations(owner, thread)
    _knowledge(owner, cast)
    _members(owner, cast)
    boss = signed_in(person(Role.SUPERUSER, cast.acme), cast.acme)
    renamed = member_of(cast.acme, "renamed", Membership.Role.VIEWER)
    form = {"name": CANARY, "is_active": "on"}
    assert boss.post(f"/admin/accounts/user/{renamed.pk}/change/", form).status_code == 302
    member = Membership.objects.for_tenant(cast.acme).get(user=cast.bob)
    boss.post(f"/admin/tenants/membership/{member.pk}/impersonate/", {"reason": "Ticket 7", "may_write": "on"})
    staff = browse(server=server)
    staff.http.cookies.set("sessionid", str(boss.session.session_key))
    staff.open()
    for thread_id in (staff.say(CANARY).thread_id, f"thr_{CANARY}"):
        staff.post("threads.update", {"thread_id": thread_id, "title": CANARY})
    staff.upload_response(f"{CANARY}.txt", b"x")
    owner.get(f"/admin/accounts/enduser/?display_name__contains={CANARY}")
    call_command("cleanup_sessions")
    dump = io.StringIO()
    with acting_as(Actor("command", "export_audit")):
        call_command("export_audit", "acme", stdout=dump)

    events = [*AuditEvent.objects.for_tenant(cast.acme), *PlatformEvent.objects.all()]
    assert {one.action for one in events} >= {
        "enduser.suspend", "enduser.resume", "thread.state", "thread.export", "reviewnote.add", "knowledgesource.add",
        "knowledgesource.change", "knowledgesource.delete", "knowledgesource.upload", "document.delete", "invitation.add",
        "invitation.revoke", "membership.role", "membership.suspend", "membership.remove", "user.change", "impersonation.start",
        "chat.threads.update",
    }  # fmt: skip
    found = [one.as_json() for one in events if CANARY in one.as_json()]
    assert not found
    assert CANARY not in dump.getvalue()
    assert CANARY not in owner.post("/admin/tenants/auditevent/export/").content.decode()
    _no_canary(server.log)
    _no_canary(logged.getvalue())


def _no_canary(log: str) -> None:
    assert [line for line in log.splitlines() if CANARY in line] == []


def _conversations(owner: Client, thread: Thread) -> None:
    address = f"/admin/chat/thread/{thread.pk}/"
    assert owner.post(f"{address}change/", {"text": CANARY}).status_code == 302
    assert owner.post(f"{address}state/", {"state": "locked", "reason": CANARY}).status_code == 302
    assert owner.post("/admin/chat/thread/export/", {"format": "csv"}).status_code == 200
    for verb in ("suspend", "resume"):
        page = owner.post(f"/admin/accounts/enduser/{thread.end_user_id}/{verb}/", {"reason": CANARY}, follow=True)
        assert "Choose a reason" in page.content.decode()
        page = owner.post(f"/admin/accounts/enduser/{thread.end_user_id}/{verb}/", {"reason": "Spam"}, follow=True)
        assert "Choose a reason" not in page.content.decode()


def _knowledge(owner: Client, cast: Cast) -> None:
    form = {"audience": "everybody", "is_enabled": "on", "max_depth": 2, "max_pages": 9, "sync_hours": 0}
    upload = SimpleUploadedFile(f"{CANARY}.txt", CANARY.encode())
    add = owner.post("/admin/chat/knowledgesource/add/", {**form, "name": CANARY, "kind": "files", "uploads": [upload]})
    assert add.status_code == 302
    read_all(cast.acme)
    source = KnowledgeSource.objects.for_tenant(cast.acme).get()
    document = Document.objects.for_tenant(cast.acme).get()
    address = f"/admin/chat/knowledgesource/{source.pk}/"
    assert owner.post(f"{address}change/", {**form, "name": f"{CANARY} two", "audience": "team"}).status_code == 302
    assert owner.post(f"/admin/chat/document/{document.pk}/delete/", {"post": "yes"}).status_code == 302
    assert owner.post(f"{address}delete/", {"post": "yes"}).status_code == 302


def _members(owner: Client, cast: Cast) -> None:
    owner.post("/admin/tenants/invitation/add/", {"email": f"{CANARY}@example.com", "role": "viewer"})
    invitation = Invitation.objects.for_tenant(cast.acme).get()
    owner.post(f"/admin/tenants/invitation/{invitation.pk}/revoke/")
    user = User.objects.create_user(f"{CANARY}@acme.example", name=CANARY)
    member = Membership.objects.create(tenant=cast.acme, user=user, role=Membership.Role.VIEWER)
    address = f"/admin/tenants/membership/{member.pk}/"
    for verb, values in (("role", {"role": "operator"}), ("suspend", {"reason": "Gone"}), ("remove", {})):
        assert owner.post(f"{address}{verb}/", values).status_code == 302, verb


@pytest.mark.django_db(transaction=True)
def test_the_migration_takes_names_out_of_the_events_that_are_there() -> None:
    """As the owner of the tables, and it says in the log that it did."""
    call_command("migrate", "tenants", "0027_domain_record", verbosity=0)
    try:
        acme = Tenant.objects.create(slug="acme", name="Acme")
        dave = EndUser.objects.create(tenant=acme, public_id="eu_dave", kind=EndUser.Kind.ANONYMOUS)
        old = {
            "enduser": '{"display_name": "canary7f3a", "kind": "anonymous", "traits": {"x": "canary7f3a"}, "suspended_at": null}',
            "membership": '{"email": "canary7f3a@example.com", "role": "viewer", "id": 7}',
            "knowledgesource": '{"files": ["canary7f3a.txt"], "name": "canary7f3a", "is_enabled": true}',
            "httptool": '{"name": "orders", "headers": "(not shown)"}',
        }
        with connection.cursor() as cursor:
            for kind, values in old.items():
                for table in ("auditevent (tenant_id, ", "platformevent ("):
                    cursor.execute(
                        f"INSERT INTO tenants_{table} actor_kind, actor, action, target_type, target_id, target, before, after,"
                        f" reason, request_id, created_at) VALUES ({'%s,' if 'tenant' in table else ''} 'member',"
                        " 'owner@acme.example', 'x', %s, %s, 'canary7f3a', %s, %s, 'canary7f3a', 'req_canary7f3a', %s)",
                        [
                            *([acme.pk] if "tenant" in table else []),
                            kind, str(dave.pk) if kind == "enduser" else "7", values, values, datetime.now(UTC),
                        ],
                    )  # fmt: skip
    finally:
        call_command("migrate", verbosity=0)
    events = {one.target_type: one for one in AuditEvent.objects.for_tenant(acme)}
    assert set(events) == {*old, ""}
    assert (events["enduser"].target_id, events["membership"].target_id) == ("eu_dave", "7")
    assert events["enduser"].after == {
        "display_name": "(not shown)", "kind": "anonymous", "traits": "(not shown)", "suspended_at": None,
    }  # fmt: skip
    assert events["httptool"].before == {"name": "orders", "headers": "(not shown)"}
    assert events["knowledgesource"].before == {"files": "(not shown)", "name": "(not shown)", "is_enabled": True}
    assert (events["enduser"].actor, events["enduser"].reason, events["enduser"].request_id) == (
        "owner@acme.example",
        "",
        "",
    )
    assert (events[""].action, events[""].actor, events[""].after) == ("auditevent.clean", "migrate", {"changed": 4})
    platform = list(PlatformEvent.objects.order_by("pk"))
    assert (platform[-1].action, platform[-1].after) == ("auditevent.clean", {"changed": 8})
    # The reason of what was done to a member was typed on purpose, and stays.
    kept = [one.as_json() for one in [*events.values(), *platform] if one.target_type in ("enduser", "")]
    assert not [one for one in kept if CANARY in one]
    with connection.cursor() as cursor:
        # A server of the version before goes on for a while.
        cursor.execute(
            "INSERT INTO tenants_platformevent (actor_kind, actor, action, target_type, target_id, target, before, after, reason,"
            " request_id, created_at) VALUES ('system', '', 'x', '', '', 'canary7f3a', '{}', '{}', '', '', now())"
        )
        cursor.execute("SELECT count(*) FROM tenants_platformevent WHERE target <> ''")
        assert cursor.fetchone() == (0,)
    with pytest.raises(Exception, match="only added to"), connection.cursor() as cursor:
        cursor.execute("UPDATE tenants_platformevent SET action = 'x'")
