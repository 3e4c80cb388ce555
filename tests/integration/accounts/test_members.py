"""Members: roles change, people leave, and a tenant keeps an owner."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts import identity, members, sessions
from accounts.models import User
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from tenants.models import AuditEvent, Invitation, Membership, Tenant
from tenants.permissions import Role
from tests.support.cast import Cast, gather, member_of
from tests.support.panel import person, signed_in


def membership(tenant: Tenant, user: User) -> Membership:
    return Membership.objects.for_tenant(tenant).get(user=user)


def act(who: User, tenant: Tenant, whom: User, verb: str, **posted: str):
    address = f"/admin/tenants/membership/{membership(tenant, whom).pk}/{verb}/"
    return signed_in(who).post(address, posted, follow=True)


def roles(tenant: Tenant) -> dict[str, str]:
    rows = Membership.objects.for_tenant(tenant).values_list("user__email", "role")
    return {email.partition("@")[0]: role for email, role in rows}


@pytest.mark.django_db
def test_roles_change_within_reach() -> None:
    cast = gather()
    admin = person(Role.ADMIN, cast.acme)
    act(admin, cast.acme, cast.bob, "role", role="admin")
    assert roles(cast.acme)["bob"] == "admin"
    for whom, role in ((cast.bob, "owner"), (cast.alice, "viewer"), (cast.bob, "staff"), (cast.bob, "")):
        said = "above your own role" if role in ("owner", "viewer") else "Choose one of the roles"
        assert said in act(admin, cast.acme, whom, "role", role=role).content.decode()
    act(admin, cast.acme, cast.alice, "remove")
    assert roles(cast.acme) == {"alice": "owner", "bob": "admin", "admin": "admin"}
    (event,) = AuditEvent.objects.for_tenant(cast.acme)
    assert (event.action, event.target_type, event.before, event.after) == (
        "membership.role",
        "membership",
        {"role": "operator"},
        {"role": "admin"},
    )


@pytest.mark.django_db
def test_members_change_nobody_but_may_leave() -> None:
    cast = gather()
    for verb in ("role", "remove", "transfer"):
        assert act(cast.bob, cast.acme, cast.alice, verb, role="viewer").status_code == 403
    assert act(cast.bob, cast.acme, cast.alice, "leave").status_code == 404
    act(cast.bob, cast.acme, cast.bob, "leave")
    assert roles(cast.acme) == {"alice": "owner"}
    assert AuditEvent.objects.for_tenant(cast.acme).get().action == "membership.leave"


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["role", "remove", "leave", "transfer"])
def test_a_member_of_another_tenant_is_one_that_does_not_exist(verb: str) -> None:
    cast = gather()
    foreign, client = membership(cast.acme, cast.bob).pk, signed_in(cast.carol)
    answers = [client.post(f"/admin/tenants/membership/{pk}/{verb}/", {"role": "viewer"}) for pk in (foreign, 987_654)]
    assert [one.status_code for one in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert client.get(f"/admin/tenants/membership/{foreign}/{verb}/").status_code == 405
    assert roles(cast.acme) == {"alice": "owner", "bob": "operator"}


@pytest.mark.django_db
def test_the_last_owner_stays() -> None:
    cast = gather()
    staff = User.objects.create_user("staff@platform.example", is_staff=True)
    closed = member_of(cast.acme, "closed", "owner")
    User.objects.filter(pk=closed.pk).update(is_active=False)
    for who, verb in ((cast.alice, "leave"), (cast.alice, "role"), (cast.alice, "remove"), (staff, "remove")):
        assert "keeps an owner" in act(who, cast.acme, cast.alice, verb, role="admin").content.decode()
    assert roles(cast.acme)["alice"] == "owner"


@pytest.mark.django_db
def test_ownership_is_handed_over() -> None:
    cast = gather()
    act(cast.alice, cast.acme, cast.bob, "transfer")
    assert roles(cast.acme) == {"alice": "admin", "bob": "owner"}
    assert act(cast.alice, cast.acme, cast.bob, "transfer").status_code == 403
    act(cast.bob, cast.acme, cast.bob, "transfer")
    assert roles(cast.acme) == {"alice": "admin", "bob": "owner"}
    staff = User.objects.create_user("staff@platform.example", is_staff=True)
    act(staff, cast.acme, cast.alice, "transfer")
    assert roles(cast.acme) == {"alice": "owner", "bob": "admin"}


@pytest.mark.django_db
def test_who_is_removed_loses_chat_sessions_and_what_they_promised() -> None:
    cast = gather()
    chats = identity.end_user_for(tenant=cast.acme, user=cast.bob, token="")
    token = sessions.issue(end_user=chats, assistant=cast.guide, origin="").token
    members.invite(cast.acme, "ann@example.com", "viewer", by=Role.OPERATOR, site="", inviter=cast.bob, mail=False)
    act(cast.alice, cast.acme, cast.bob, "remove")
    Membership.objects.create(tenant=cast.acme, user=cast.bob, role="viewer")
    with pytest.raises(PlatformError, match="session_invalid"):
        sessions.verify(token)
    assert Invitation.objects.for_tenant(cast.acme).get().state == "revoked"


@pytest.mark.django_db
def test_who_is_demoted_keeps_the_invitations_within_reach() -> None:
    cast = gather()
    admin = person(Role.ADMIN, cast.acme)
    for role in ("viewer", "admin"):
        members.invite(cast.acme, f"{role}@example.com", role, by=Role.ADMIN, site="", inviter=admin, mail=False)
    act(cast.alice, cast.acme, admin, "role", role="operator")
    assert {one.role: one.state for one in Invitation.objects.for_tenant(cast.acme)} == {
        "viewer": "open",
        "admin": "revoked",
    }


def test_of_two_owners_who_leave_at_once_one_stays(cast: Cast, eventually: Callable[..., Any]) -> None:
    other = member_of(cast.acme, "other", "owner")
    alices, others = membership(cast.acme, cast.alice), membership(cast.acme, other)

    def leave() -> bool:
        try:
            members.remove_member(others)
        except ValidationError:
            return False
        finally:
            connection.close()
        return True

    def waits() -> bool:
        sql = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        return bool(fetch(sql))

    with ThreadPoolExecutor(1) as thread:
        with transaction.atomic():
            members.remove_member(alices)
            second = thread.submit(leave)
            eventually(lambda: second.done() or waits())
        assert not second.result()
    assert roles(cast.acme) == {"bob": "operator", "other": "owner"}
