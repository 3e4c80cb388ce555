"""Somebody of the platform acts as a member: what they see, what they cannot do, and who learns of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from tenants.models import AuditEvent, HttpTool, Impersonation, Membership, PlatformEvent
from tests.conftest import Browse
from tests.support.browsing import message, refusal
from tests.support.cast import Cast, gather
from tests.support.hosts import site_of
from tests.support.panel import TOOL, signed_in

pytestmark = pytest.mark.django_db
START = {"reason": "Ticket 7"}


@pytest.fixture
def cast() -> Cast:
    return gather()


@pytest.fixture
def sam() -> User:
    return User.objects.create_user("sam@platform.example", "a password of sam", name="Sam", is_staff=True)


def act_as(client: Client, user: User, cast: Cast, **posted: str) -> str:
    """What the next page says."""
    member = Membership.objects.for_tenant(cast.acme).get(user=user)
    path = f"/admin/tenants/membership/{member.pk}/impersonate/"
    return client.post(path, {**START, **posted}, follow=True).content.decode()


def actions(cast: Cast) -> tuple[list[str], list[str]]:
    """Of impersonations, in the trail of the tenant and in that of the platform."""
    own = AuditEvent.objects.for_tenant(cast.acme).filter(action__startswith="impersonation.").order_by("id")
    platform = PlatformEvent.objects.filter(action__startswith="impersonation.").order_by("id")
    return [one.action for one in own], [one.action for one in platform]


def test_it_shows_what_the_member_sees_and_changes_nothing(cast: Cast, sam: User) -> None:
    client = signed_in(sam)
    assert "Say why" in act_as(client, cast.bob, cast, reason="  ")
    page = act_as(client, cast.bob, cast)
    assert "You act as <strong>Bob</strong> of Acme, reading only" in page
    assert "You act as" in client.get("/t/acme/").content.decode()
    for path, status in (("tenants/httptool/", 200), ("tenants/auditevent/", 403), ("tenants/platformevent/", 403)):
        assert client.get(f"/admin/{path}").status_code == status, path
    assert client.get("/admin/tenant/").status_code == 404, "there is no other tenant to choose"
    assert client.get("/t/globex/").status_code == 404, "nor is the member anybody there"
    event = AuditEvent.objects.for_tenant(cast.acme).get(action="impersonation.start")
    assert (event.actor_kind, event.actor, event.reason) == ("staff", sam.email, "Ticket 7")
    assert event.after["member"] == cast.bob.pk
    client.post("/impersonation/end/")
    assert "You act as" not in client.get("/admin/").content.decode()
    assert client.get("/admin/tenants/platformevent/").status_code == 200
    assert actions(cast) == (["impersonation.start", "impersonation.end"],) * 2


def test_it_refuses_every_write_in_the_panel(cast: Cast, sam: User) -> None:
    client = signed_in(sam)
    act_as(client, cast.alice, cast)
    for path in (
        *("tenants/httptool/add/", "tenants/auditevent/export/", "chat/thread/export/", "tenants/invitation/add/"),
        f"tenants/tenant/{cast.acme.pk}/change/",
    ):
        response = client.post(f"/admin/{path}", TOOL)
        assert response.status_code == 403, path
        assert "Nothing was changed" in response.content.decode()
    assert not HttpTool.objects.for_tenant(cast.acme).exists()
    trial = f"/admin/tenants/embed/{site_of(cast.guide).embed.pk}/try/"
    assert "data-token" not in client.get(trial).content.decode()
    assert client.post(f"{trial}token/").status_code == 403, "who it names could be made by a mint"


def test_with_leave_it_changes_what_the_member_may_and_says_who_it_was(cast: Cast, sam: User) -> None:
    client = signed_in(sam)
    act_as(client, cast.alice, cast, may_write="on")
    assert client.post("/admin/tenants/httptool/add/", TOOL).status_code == 302
    event = AuditEvent.objects.for_tenant(cast.acme).get(action="httptool.add")
    assert (event.actor_kind, event.actor) == ("staff", f"{sam.email} as {cast.alice.email}")
    assert client.post(f"/admin/tenants/tenant/{cast.acme.pk}/status/", {"reason": "x"}).status_code == 403


def test_it_is_not_within_another_nor_for_members_nor_as_staff(cast: Cast, sam: User) -> None:
    client = signed_in(sam)
    act_as(client, cast.alice, cast, may_write="on")
    act_as(client, cast.bob, cast)
    act_as(signed_in(cast.alice), cast.bob, cast)
    User.objects.filter(pk=cast.bob.pk).update(is_staff=True)
    assert "Nobody acts as somebody of the platform" in act_as(signed_in(sam), cast.bob, cast)
    assert Impersonation.objects.for_tenant(cast.acme).count() == 1


@pytest.mark.parametrize("how", ["logout", "expiry", "staff no more", "another browser"])
def test_how_it_ends(cast: Cast, sam: User, how: str) -> None:
    client = signed_in(sam)
    act_as(client, cast.alice, cast)
    rows = Impersonation.objects.for_tenant(cast.acme)
    if how == "logout":
        client.post("/logout/")
    elif how == "expiry":
        rows.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert "You act as" not in client.get("/admin/").content.decode()
    elif how == "staff no more":
        User.objects.filter(pk=sam.pk).update(is_staff=False)
        assert "/login/" in client.get("/admin/")["Location"]
        return
    else:
        assert "You act as" not in signed_in(sam).get("/admin/").content.decode()
        return
    assert rows.get().ended_at is not None
    assert actions(cast) == (["impersonation.start", "impersonation.end"],) * 2


@pytest.mark.django_db(transaction=True)
def test_with_leave_the_chat_is_written_and_the_trail_says_by_whom(cast: Cast, sam: User, browse: Browse) -> None:
    client = signed_in(sam)
    act_as(client, cast.alice, cast, may_write="on")
    staff = browse()
    staff.http.cookies.set("sessionid", str(client.session.session_key))
    thread = staff.open().say("In her name").thread_id
    staff.ask("threads.update", {"thread_id": thread, "title": "x"})
    staff.items(thread)
    staff.upload_response("x.txt", b"x")
    staff.cancel("run_x")
    browse().sign_in(cast.alice).open().ask("threads.update", {"thread_id": thread, "title": "mine"})
    events = AuditEvent.objects.for_tenant(cast.acme).filter(action__startswith="chat.").order_by("id")
    assert [(one.action, one.after) for one in events] == [
        ("chat.threads.create", {"thread": ""}),
        ("chat.threads.update", {"thread": thread}),
        ("chat.request", {"method": "POST", "path": "/api/chatkit/attachments"}),
        ("chat.request", {"method": "POST", "path": "/api/chatkit/runs/…/cancel"}),
    ]
    assert {(one.actor_kind, one.actor, one.actor_id) for one in events} == {
        ("staff", f"{sam.email} as {cast.alice.email}", sam.pk)
    }
    assert all(one.request_id for one in events)


@pytest.mark.django_db(transaction=True)
def test_the_chat_is_read_as_the_member_and_not_written(cast: Cast, sam: User, browse: Browse) -> None:
    alice = browse().sign_in(cast.alice).open()
    thread = alice.say("Hello of alice").thread_id
    client = signed_in(sam)
    act_as(client, cast.alice, cast)
    staff = browse()
    staff.http.cookies.set("sessionid", str(client.session.session_key))
    staff.open()
    assert [one["id"] for one in staff.ask("threads.list")["data"]] == [thread]
    assert "Hello of alice" in str(staff.items(thread))
    for response in (
        staff.post("threads.create", {"input": message("In her name")}),
        staff.post("threads.add_user_message", {"thread_id": thread, "input": message("In her name")}),
        staff.post("threads.update", {"thread_id": thread, "title": "x"}),
        staff.post("threads.delete", {"thread_id": thread}),
        staff.post("attachments.create", {"name": "x", "size": 1, "mime_type": "text/plain"}),
        staff.upload_response("x.txt", b"x"),
        staff.cancel("run_x"),
    ):
        assert refusal(response) == (403, "read_only")
    assert staff.refresh().status_code == 200
    assert refusal(staff.post("threads.delete", {"thread_id": thread})) == (403, "read_only"), (
        "a new token changes nothing"
    )
    for dismissed in ({"is_staff": False}, {"is_active": False}):
        User.objects.filter(pk=sam.pk).update(**dismissed)
        assert refusal(staff.post("threads.list")) == (401, "session_invalid")
        User.objects.filter(pk=sam.pk).update(is_staff=True, is_active=True)
    staff.ask("threads.list")
    client.post("/impersonation/end/")
    assert refusal(staff.post("threads.list")) == (401, "session_invalid")
    assert [one["id"] for one in alice.ask("threads.list")["data"]] == [thread]
