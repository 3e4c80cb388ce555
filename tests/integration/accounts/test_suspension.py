"""Somebody is suspended in the admin panel: everything of theirs ends at once, and comes back when they are resumed."""

import pytest
from django.test import Client

from accounts import identity
from accounts.models import EndUser, User
from chat.models import Run
from tenants.models import AuditEvent, Membership, Tenant
from tenants.permissions import Role
from tests.conftest import Browse
from tests.support.browsing import refusal
from tests.support.cast import Cast
from tests.support.panel import person, signed_in
from tests.support.provider import Hold, Provider


def membership(tenant: Tenant, user: User) -> Membership:
    return Membership.objects.for_tenant(tenant).get(user=user)


def act(client: Client, row: Membership | EndUser, verb: str, reason: str = "Spam"):
    address = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/{verb}/"
    return client.post(address, {"reason": reason}, follow=True)


def test_everything_of_a_suspended_visitor_ends(browse: Browse, cast: Cast, provider: Provider) -> None:
    operator, dave, other = signed_in(cast.bob), browse().open("model"), browse().open()
    turn = dave.say("Hello")
    provider.will_say("One", Hold())
    with dave.saying("Count") as stream:
        stream.until_text("One")
        row = EndUser.objects.for_tenant(cast.acme).get(pk=Run.objects.for_tenant(cast.acme).latest("pk").end_user_id)
        assert "may chat again" not in act(operator, row, "suspend", "").content.decode()
        assert "is suspended" in act(operator, row, "suspend").content.decode()
        assert "suspended already" in act(operator, row, "suspend").content.decode()
        stream.rest()
    assert Run.objects.for_tenant(cast.acme).get(public_id=stream.run_id).state == Run.State.CANCELLED
    assert refusal(dave.post("threads.get_by_id", {"thread_id": turn.thread_id})) == (401, "session_invalid")
    assert refusal(dave.refresh()) == (401, "session_invalid")
    other.say("Nobody else is")
    assert "may chat again" in act(operator, row, "resume").content.decode()
    # The old tokens stay dead.
    assert refusal(dave.post("threads.get_by_id", {"thread_id": turn.thread_id})) == (401, "session_invalid")
    events = AuditEvent.objects.for_tenant(cast.acme).filter(target_type="enduser")
    assert list(events.values_list("action", "reason", "actor")) == [
        ("enduser.suspend", "Spam", cast.bob.email),
        ("enduser.resume", "Spam", cast.bob.email),
    ]


def test_a_suspended_member_is_nobody_in_the_tenant(browse: Browse, cast: Cast) -> None:
    owner, bob = signed_in(cast.alice), browse(cast.bob).open()
    thread = bob.say("Hello").thread_id
    admin = signed_in(cast.bob)
    assert admin.get("/admin/").status_code == 200
    member = membership(cast.acme, cast.bob)
    assert "is suspended" in act(owner, member, "suspend").content.decode()
    assert "/login/" in admin.get("/admin/")["Location"]
    assert refusal(bob.post("threads.get_by_id", {"thread_id": thread})) == (401, "session_invalid")
    assert not identity.is_member(cast.bob, cast.acme)
    assert "a member again" in act(owner, member, "resume").content.decode()
    assert bob.open().items(thread)  # what they wrote is still theirs
    assert admin.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_who_suspends_whom(cast: Cast) -> None:
    admin = signed_in(person(Role.ADMIN, cast.acme))
    owner = membership(cast.acme, cast.alice)
    assert "above your own role" in act(admin, owner, "suspend").content.decode()
    staff = signed_in(person(Role.STAFF, cast.acme), cast.acme)
    assert "keeps an owner" in act(staff, owner, "suspend").content.decode()
    assert act(signed_in(cast.bob), owner, "suspend").status_code == 403
    foreign = membership(cast.globex, cast.carol)
    assert act(admin, foreign, "suspend").status_code == act(admin, Membership(pk=987_654_321), "suspend").status_code
    # Whoever has a login is suspended as a member, in one place.
    own = identity.end_user_for(tenant=cast.acme, user=cast.bob, token="")
    assert "as a member" in act(admin, own, "suspend").content.decode()
    # A suspended owner keeps no tenant, and gets none.
    act(staff, membership(cast.acme, cast.bob), "transfer")
    assert "is suspended" in act(staff, owner, "suspend").content.decode()
    assert "not suspended" in act(staff, owner, "transfer").content.decode()
